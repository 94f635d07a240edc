"""A report of runs: one HTML file that plays their recorded frames back, without a server and without a network."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.live.differences import differences
from gandyn.live.recording import Recording
from gandyn.live.run import Run
from gandyn.presets import PRESETS
from gandyn.records import strict_json
from gandyn.records.config import to_config
from gandyn.records.engine import versions
from gandyn.ui.page import palette
from gandyn.ui.page.assets import text
from gandyn.ui.views.comparison import DASHES

# Nothing may be fetched: what is shown is in the file.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main id="report"></main>
<noscript>This report plays with JavaScript.</noscript>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def check(experiments: Sequence[Experiment]) -> None:
    """ValueError with one line for what a report does not show."""
    if any(experiment.target.shape not in ((1,), (2,)) for experiment in experiments):
        raise ValueError("a report shows points in the plane or on a line, not images: a movie shows those")


def described(runs: Sequence[Run], axis: str = "steps") -> dict[str, Any]:
    """What stands beside the frames: of each run how it began and what was changed on the way, and what its curves are
    drawn over; JSON-able.
    """
    first = runs[0].timeline.lines[0].first
    return {
        "preset": first.name,
        "summary": first.summary,
        "note": first.note,
        "cite": first.cite,
        "flat": first.target.shape == (1,),
        "axis": axis,
        "versions": versions(),
        "runs": [
            {"differs": differs, "engine": run.timeline.walker.engine.name, **_settings(run)}
            for run, differs in zip(runs, differences([run.experiment for run in runs]), strict=True)
        ],
    }


def _settings(run: Run) -> dict[str, Any]:
    first = run.timeline.lines[0].first
    controls = to_config(first)["controls"]
    plain = to_config(PRESETS[first.name])["controls"] if first.name in PRESETS else controls
    changed = [name for name, value in controls.items() if plain.get(name) != value]
    return {"controls": controls, "changed": changed, "events": run.events(), "seeds": run.seeds}


def report(recording: Recording, about: Mapping[str, Any]) -> bytes:
    """The file. Each frame in it is the message that the stream sends, compressed (zlib) and in base64."""
    data = {
        **about,
        "steps": recording.steps,
        "frames": [base64.b64encode(zlib.compress(frame, 9)).decode() for frame in recording.frames],
        "palettes": {mode: "".join(colour[1:] for colour in colours) for mode, colours in palette.CRITIC.items()},
        "dashes": list(DASHES),
    }
    whole = PAGE.format(
        policy=POLICY,
        title=escape(f"{about['preset']}, steps {recording.steps[0]:,} to {recording.steps[-1]:,}: gandyn"),
        style=palette.css() + text("share/report.css"),
        data=strict_json.dumps(data).replace("<", "\\u003c"),
        script=text("page/bundle/report.js").replace("</script", "<\\/script"),
    )
    return whole.encode()
