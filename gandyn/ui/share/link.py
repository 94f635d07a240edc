"""The address of the page as a configuration: the same link opens the same run, from step 0."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gandyn.core import checks
from gandyn.core.bounds import MAX_SPEED
from gandyn.core.controls import PARTS, controls, part_named, weight_controls
from gandyn.core.engine import resolve
from gandyn.core.experiment import FALSE, TRUE, Experiment
from gandyn.core.numerals import whole
from gandyn.core.registry import brief
from gandyn.live.differences import in_words
from gandyn.presets import PRESETS
from gandyn.records.config import resolve_device
from gandyn.targets.point_files import stored_only
from gandyn.timeline.line import difference
from gandyn.ui.page.messages import AXES, Axis
from gandyn.ui.session.choices import DEFAULT_PRESET as DEFAULT
from gandyn.ui.session.choices import LANES, checked_lanes
from gandyn.ui.share import link_views
from gandyn.ui.share.link_views import Views, misspelt
from gandyn.ui.views.comparison import MOST

if TYPE_CHECKING:
    from gandyn.ui.session.session import Session

#: what a link holds beside the controls: its values, its meaning
KEYS = {
    "preset": ("a preset of points", "what it begins with; `collapse` if there is none"),
    "play": ("0, 1", "0 opens it paused"),
    "steps_per_second": (f"0 to {MAX_SPEED:,.0f}", "how fast it is shown; 0 = as fast as it can"),
    "lanes": (", ".join(map(str, LANES)), "GANs at once, of the seed and the next ones; a change starts them again"),
    "lane": ("0 to lanes - 1", "the one on the stage"),
    "views": ("names of [views](reference.md#views-of-choice), commas between", "shown beside the stage"),
    "view": ("the name of one", "that view alone, for a window of its own or a frame in another page"),
    "VIEW.CHOICE": ("as in the view", "what is chosen of a view that is shown: `bifurcation.knob=lr_d`"),
    "axis": ("steps, gradients", "what the curves are drawn over: steps, or the gradients that these took"),
    "compare": ("`NAME=VALUE NAME=VALUE`, `|` between runs", "runs beside it from step 0 on: in what each differs"),
}
SAME = "same"  # a run beside the first that differs in nothing
NAMED = 8  # of the keys that mean nothing
NOT_OURS = ("bokeh-", "utm_", "theme", "_")  # beginnings of keys that servers, portals and browsers add


class Link(NamedTuple):
    """What a link asks for, and the line to show where that is not what is opened."""

    experiment: Experiment
    playing: bool
    notice: str | None = None
    lanes: int = 1
    lane: int = 0
    compare: tuple[dict[str, str], ...] = ()
    views: Views = Views()
    axis: Axis = "steps"  # what the curves are drawn over


def write(session: Session) -> dict[str, str]:
    """The query of the page as it is now: the preset, and what differs from it; a run that stands still stays so."""
    experiment = session.staged(session.runs[0].experiment)
    base = _base(experiment)
    differing, before = _differing(base, experiment).items(), base.values()
    # An empty text is the default wherever the preset has none itself.
    pairs = {"preset": base.name} | {name: text for name, text in differing if text or before.get(name)}
    if session.speed != base.steps_per_second:
        pairs["steps_per_second"] = f"{session.speed:g}"
    pairs |= {"lanes": str(session.lanes)} if session.lanes > 1 else {}
    pairs |= {"lane": str(session.lane)} if session.lane else {}
    first, *others = [session.staged(run.experiment) for run in session.runs]
    if others:
        runs = (_differing(first, other) for other in others)
        pairs["compare"] = "|".join(" ".join(f"{name}={text}" for name, text in run.items()) or SAME for run in runs)
    pairs |= link_views.write(session)
    pairs |= {"axis": session.axis} if session.axis != AXES[0] else {}
    return pairs | ({} if session.playing else {"play": "0"})


def _base(experiment: Experiment) -> Experiment:
    return PRESETS[experiment.name] if experiment.name in PRESETS else PRESETS[DEFAULT]


def changed(experiment: Experiment) -> str:
    """In what it differs from its preset, the seed apart, in words."""
    other = difference(_base(experiment), experiment)
    return in_words({name: value for name, value in other.items() if name != "seed"})


def _differing(base: Experiment, experiment: Experiment) -> dict[str, str]:
    """The values of the controls that make `experiment` of `base`, as text."""
    other = difference(base, experiment)
    return {name: ",".join(map(str, v)) if isinstance(v, list) else str(v) for name, v in other.items()}


def _compared(text: str, experiment: Experiment, lanes: int) -> tuple[dict[str, str], ...]:
    """The runs beside the first, by the controls in which they differ. ValueError with one line."""
    if not text:
        return ()
    if lanes > 1:
        raise ValueError("compare is for one GAN a run: leave out lanes")
    runs = []
    if (count := text.count("|") + 1) >= MOST:
        raise ValueError(f"compare takes {MOST - 1} runs beside the first at most, not {count}")
    for one in text.split("|"):
        if one.strip() == SAME:
            runs.append({})
            continue
        first, *pairs = re.split(r"(?:^|\s+)([^\s=]+)=", one)  # a + in a value, as in r1+r2, may have come as a blank
        if first.strip() or not pairs:
            raise ValueError(f"compare takes NAME=VALUE, not {brief(first.strip() or one)}")
        runs.append(dict(zip(pairs[::2], pairs[1::2], strict=True)))
        new = experiment.replace(**runs[-1])
        resolve(new, resolve_device(new))
    return tuple(runs)


@stored_only()
def read(arguments: Mapping[str, Sequence[bytes]], listed: Sequence[str]) -> Link:
    """The experiment of a query, such as `pn.state.session_args`; `listed` are the presets that the page shows.

    Never raises. Keys that mean nothing are left out and named, and so are views of choice that are none; a value that
    does not fit leaves the preset as it is.
    """
    given = {key: values[-1].decode("utf-8", "replace") for key, values in arguments.items() if values}
    given = {key: value for key, value in given.items() if not key.startswith(NOT_OURS)}
    name, playing = given.pop("preset", DEFAULT), given.pop("play", "1").strip().lower()
    beside, axis, of_views = given.pop("compare", ""), given.pop("axis", ""), link_views.take(given)
    wanted_lanes, wanted_lane = _whole(given.pop("lanes", "1")), _whole(given.pop("lane", "0"))
    if name not in PRESETS:
        why = f"There is no preset {misspelt(name, listed)}: this is {DEFAULT!r} as it is."
        return Link(PRESETS[DEFAULT], playing not in FALSE, why)
    if name not in listed:
        why = f"Preset {name!r} is not about points in the plane, which this page shows: this is {DEFAULT!r} as it is."
        return Link(PRESETS[DEFAULT], playing not in FALSE, why)
    if playing not in (*TRUE, *FALSE):
        why = f"play must be 1 or 0, not {brief(playing)}. This is {name!r} as it is."
        return Link(PRESETS[name], True, f"Not understood in the link: {why}")
    wanted, strange = _sorted(PRESETS[name], given)
    try:
        experiment = PRESETS[name].replace(**wanted)
        lanes = checked_lanes(wanted_lanes, experiment)
        resolve(experiment, resolve_device(experiment))  # refuses what cannot be stepped here
        lane = _lane(wanted_lane, lanes)
        compare = _compared(beside, experiment, lanes)
    except ValueError as error:
        return Link(PRESETS[name], playing in TRUE, f"Not understood in the link: {error}. This is {name!r} as it is.")
    views = link_views.read(of_views, experiment)
    lost = list(views.lost)
    if axis and axis not in AXES:
        lost.append(f"axis is one of {', '.join(AXES)}, not {brief(axis)}")
    named = [misspelt(key, experiment.controls()) for key in strange[:NAMED]]  # to look for the nearest takes time
    more = [f"{len(strange) - NAMED} more"] if len(strange) > NAMED else []
    left_out = ", ".join([*named, *more, *lost])
    notice = f"Left out of what the link asks for: {left_out}." if left_out else None
    along: Axis = AXES[AXES.index(axis)] if axis in AXES else AXES[0]
    return Link(experiment, playing in TRUE, notice, lanes, lane, compare, views, along)


def _lane(wanted: Any, lanes: int) -> int:
    if lanes == 1 and wanted != 0:
        raise ValueError(f"lane={brief(wanted)} is one of several GANs: the link needs lanes, one of {LANES[1:]}, too")
    return checks.integer("lane", wanted, 0, lanes - 1)


def _whole(text: str) -> Any:
    number = whole(text)
    return text if number is None else number


def _sorted(base: Experiment, given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The controls among the keys of a link, and the keys that are none."""
    names = ((now, given.get(now.kind, "")) for now in base.parts)
    parts = (part_named(now.kind, name) if name in PARTS[now.kind] else now for now, name in names)
    known = {*controls(*parts), *weight_controls(), "steps_per_second"}
    return {k: v for k, v in given.items() if k in known}, [k for k in given if k not in known]
