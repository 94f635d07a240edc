"""What of a link is about the views of choice: which are shown, and what is chosen of them, as `VIEW.CHOICE=...`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief, nearest
from gandyn.ui.studies import MOST, STUDIES

if TYPE_CHECKING:
    from gandyn.ui.session.session import Session

NAMED = 8  # of what is left out
KEYS = 40  # of a link about choices of views, which are read: more than all views together have
Chosen = Mapping[str, Mapping[str, str]]  # by view, by choice


class Views(NamedTuple):
    """The views of a link."""

    names: tuple[str, ...] = ()
    alone: bool = False  # whether nothing else is shown
    chosen: Chosen = {}
    lost: tuple[str, ...] = ()  # what is left out, in words


def write(session: Session) -> dict[str, str]:
    """The keys of the views that the page shows, and of what is chosen of them that is not their default."""
    if not session.views:
        return {}
    pairs = {"view" if session.alone else "views": ",".join(session.views)}
    for view in session.views:
        choices = STUDIES[view].choices
        default = {choice.name: choice.value for choice in choices(session.experiment, {})}
        for choice in choices(session.experiment, session.broadcast.chosen.get(view, {})):
            if choice.value != default[choice.name]:
                pairs[f"{view}.{choice.name}"] = choice.value
    return pairs


def take(given: dict[str, str]) -> dict[str, str]:
    """Take the keys that are about views out of those of a link."""
    keys = [key for key in given if key in ("views", "view") or key.partition(".")[0] in STUDIES]
    return {key: given.pop(key) for key in keys}


def read(given: Mapping[str, str], experiment: Experiment) -> Views:
    """What the keys ask for; what is unknown, does not fit or is too much is left out and named."""
    given = dict(given)
    views, view = given.pop("views", ""), given.pop("view", "")
    if view and (views or "," in view):
        why = f"view takes the name of one view, which it shows alone; views={views or view} shows several"
        return Views(lost=(why,))
    wanted = list(dict.fromkeys(name for name in map(str.strip, (view or views).split(",")) if name))
    known = [name for name in wanted if name in STUDIES]
    unknown = [name for name in wanted if name not in STUDIES]
    lost = [f"view {misspelt(name, STUDIES)}" for name in unknown[:NAMED]]  # to look for the nearest takes time
    names = tuple(known[:MOST])
    if more := known[MOST:]:
        lost.append(f"{', '.join(more)}, since {MOST} views are shown at a time")
    chosen: dict[str, dict[str, str]] = {name: {} for name in names}
    for key, value in list(given.items())[:KEYS]:
        of, _, name = key.partition(".")
        if of not in names:
            lost.append(f"{brief(key)}, since that view is not shown")
        else:
            chosen[of][name] = value
    for name, values in chosen.items():
        lost += _left_out(name, values, experiment)
    more = len(lost) - NAMED + max(0, len(unknown) - NAMED) + max(0, len(given) - KEYS)
    lost = lost[:NAMED] + ([f"{more} more"] if more > 0 else [])
    return Views(names, bool(view and names), {name: values for name, values in chosen.items() if values}, tuple(lost))


def _left_out(view: str, values: dict[str, str], experiment: Experiment) -> list[str]:
    """Leave out what cannot be chosen of a view, and say what; what is typed is the probe's to refuse."""
    lost, choices = [], {choice.name: choice for choice in STUDIES[view].choices(experiment, values)}
    for name, value in list(values.items()):
        if name not in choices:
            lost.append(misspelt(f"{view}.{name}", [f"{view}.{one}" for one in choices]))
        elif (options := choices[name].options) and value not in options:
            lost.append(f"{view}.{name} is one of {', '.join(options)}, not {brief(value)}")
        else:
            continue
        del values[name]
    return lost


def misspelt(name: str, known: Iterable[str]) -> str:
    """A name that is unknown, and the nearest that is not."""
    near = nearest(name, known)
    return f"{brief(name)} (did you mean {near}?)" if near else brief(name)
