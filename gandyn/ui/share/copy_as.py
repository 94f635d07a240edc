"""What is on the screen as text to copy: addresses, a command, Python, a frame for another page.

Each of them leads to the same state, bit for bit on the same machine; all are made from the trace of the run.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane
from gandyn.presets import PRESETS
from gandyn.records.config import to_config
from gandyn.records.engine import engine_of
from gandyn.records.trace import experiment_of
from gandyn.timeline.line import difference
from gandyn.ui.share.reach import is_local, reachable

MOST_EVENTS = 60  # changes that are written out in Python; a drag has more, which stay in the file
WIDE = 100  # characters of a line of Python
SIZE = (1280, 800)  # px of a frame in another page

FROM_FILE = """import json

import gandyn

with open({file!r}) as file:
    run = gandyn.replay(json.load(file))
"""


class Place(NamedTuple):
    """Where the page is: its address without query, the query of its controls, and hosts that others may reach."""

    page: str
    query: Mapping[str, str]
    hosts: Collection[str] = ()


def copies(trace: Mapping[str, Any], place: Place, file: str, moment: str | None) -> dict[str, Any]:
    """The texts, and what has to be said about them; JSON-able.

    `file`: the name under which the trace is offered as a file; `moment`: the trace as the end of a link, or None where
    it is too long for one: then `link` is that of the controls. `local`: nobody else can open the addresses.
    """
    page = reachable(place.page, place.hosts)
    plain = f"{page}?{urlencode(place.query, safe=',', quote_via=quote)}"
    link = plain if moment is None else f"{plain}#moment={moment}"
    begun = _begun(trace)
    shell, python = command(trace, file, begun), snippet(trace, file, begun)
    return {
        "step": trace["stop"],
        "preset": trace["config"]["preset"],
        "local": is_local(page),
        "long": moment is None,
        "link": link,
        "plain": plain,
        "command": shell,
        "python": python,
        "iframe": iframe(link, f"gandyn: {trace['config']['preset']}, step {trace['stop']:,}"),
        "file": file,
        "reads": [name for name, text in (("command", shell), ("python", python)) if file in text],
    }


def iframe(link: str, title: str) -> str:
    """A frame in another page that opens the link."""
    width, height = SIZE
    return (
        f'<iframe src="{escape(link)}" title="{escape(title)}" width="{width}" height="{height}" '
        'allow="clipboard-write; fullscreen" style="border: 0; max-width: 100%"></iframe>'
    )


class Begun(NamedTuple):
    """How a run began: a preset by name, and the controls in which it differs."""

    preset: str
    controls: dict[str, Any]


def command(trace: Mapping[str, Any], file: str, begun: Begun | None) -> str:
    """The line for a shell; empty where there is nothing that a command would do, at step 0 of many GANs."""
    steps = trace["stop"]
    pairs = {} if begun is None else {name: _as_text(value) for name, value in begun.controls.items()}
    plain = begun is not None and not trace.get("lanes") and not _later(trace) and None not in pairs.values()
    if begun is None or not plain:
        return f"gandyn replay {shlex.quote(file)}" if steps else ""
    words = ["gandyn", "train", begun.preset]
    if steps:
        words += ["--steps", str(steps)]
    if pairs:
        words += ["--set", *(f"{name}={value}" for name, value in pairs.items())]
    return shlex.join(words)


def snippet(trace: Mapping[str, Any], file: str, begun: Begun | None) -> str:
    """Python that ends with `run` at the step."""
    later = _later(trace)
    if begun is None or len(later) > MOST_EVENTS:
        return (
            f"import json\n\nimport gandyn\n\nwith open({file!r}) as file:\n    run = gandyn.replay(json.load(file))\n"
        )
    lines = ["import gandyn"]
    if (trace.get("engine") or {}).get("name") == "autograd":
        lines += ["import torch", "", "torch.set_num_threads(1)  # as in the laboratory: the last bits depend on it"]
    lanes = trace.get("lanes")
    preset = _call("gandyn.preset", begun.controls, repr(begun.preset))
    lines += ["", f"run = gandyn.Run({preset}{f', lanes={lanes}' if lanes else ''})"]
    step = 0
    for event in later:
        if event["step"] > step:
            lines.append(f"run.advance({event['step'] - step})")
            step = event["step"]
        lines.append(_call("run.set", event["controls"]))
    if trace["stop"] > step:
        lines.append(f"run.advance({trace['stop'] - step})")
    return "\n".join(lines) + "\n"


def _later(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The changes after step 0: those at step 0 are as good as made before it."""
    return [event for event in trace["events"] if event["step"]]


def _begun(trace: Mapping[str, Any]) -> Begun | None:
    """How the run began, with the changes at step 0; None where preset and controls alone do not say it."""
    experiment, dtype = experiment_of(trace)
    if trace["start"] != 0 or experiment.name not in PRESETS or str(dtype) != "torch.float32":
        return None
    for event in trace["events"]:
        if not event["step"]:
            experiment = experiment.replace(**by_lane(event["controls"]))
    preset = PRESETS[experiment.name]
    controls = difference(preset, experiment)
    try:
        if engine_of(experiment).name != trace["engine"]["name"]:
            if experiment.rule.engine != "auto":  # of a run that another one began
                return None
            controls |= {"engine": trace["engine"]["name"]}
        again = preset.replace(**controls)
        if engine_of(again).name != trace["engine"]["name"]:  # ValueError, too, where that one cannot begin so
            return None
    except (KeyError, ValueError):
        return None
    same = _resolved(again.replace(engine=experiment.rule.engine)) == _resolved(experiment)
    return Begun(preset.name, controls) if same else None


def _resolved(experiment: Experiment) -> dict[str, Any]:
    return {key: value for key, value in to_config(experiment).items() if key != "steps"}


def _as_text(value: Any) -> str | None:
    """A value as --set takes it; None for what cannot be written there."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    if any(isinstance(one, list | tuple | dict) for one in values):
        return None
    return ",".join(map(str, values))


def _call(function: str, controls: Mapping[str, Any], *before: str) -> str:
    """A call with these controls, in one line where there is room."""
    words = [*before, *(f"{name}={value!r}" for name, value in controls.items() if name.isidentifier())]
    dotted = {name: value for name, value in controls.items() if not name.isidentifier()}
    one_line = f"{function}({', '.join([*words, *([f'**{dotted!r}'] if dotted else [])])})"
    if len(one_line) <= WIDE:
        return one_line
    inner = [f"    {word},\n" for word in words]
    if dotted:
        inner += ["    **{\n", *(f"        {name!r}: {value!r},\n" for name, value in dotted.items()), "    },\n"]
    return f"{function}(\n{''.join(inner)})"
