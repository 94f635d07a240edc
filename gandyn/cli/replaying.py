"""gandyn replay: a recorded session again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.cli.options import Data, Output
from gandyn.cli.streams import say
from gandyn.cli.training import carry_out, next_free, prepare, say_unused
from gandyn.core import checks
from gandyn.live.recording import record
from gandyn.live.run import Run
from gandyn.records.disk import write
from gandyn.records.figures import film
from gandyn.records.pictures import draw_movie
from gandyn.records.reading import content, parsed
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import experiment_of, plain_name
from gandyn.timeline.trace import timeline_of
from gandyn.training.begin import begin_replay


def replay(
    file: Path,
    data: Data,
    output: Output,
    *,
    out: Path | None = None,
    movie: Path | None = None,
    report: Path | None = None,
    anyway: bool = False,
) -> int:
    """Exit status; ValueError for wrong usage."""
    if movie is not None:
        film.check(movie)  # before the work, not after it
    if report is not None:
        checks.choice("the suffix of a report", report.suffix.lower(), [".html"])
    prepare(data)
    text = content(file).removeprefix(b"\xef\xbb\xbf")  # as some editors begin a file
    try:
        trace = parsed(text)
        experiment, _ = experiment_of(trace)
    except ValueError as error:
        advice = "give trace.json of a run, or a session that the laboratory has saved"
        raise ValueError(f"{file}: {error}; {advice}") from None
    path = out or next_free(f"replay-{plain_name(experiment.name)}")
    RunDirectory.check_free(path)
    if report is not None:
        from gandyn.ui.share.report import check

        check([experiment])
    try:
        directory = begin_replay(path, trace, anyway=anyway)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    say_unused(data, directory.first().target)
    status = carry_out(directory, output, new=True, recorded=trace.get("sha256"))
    if status == 0 and movie is not None:
        draw_movie(RunDirectory.existing(directory.path), movie)
    if status == 0 and report is not None:
        write(report, _report(trace, anyway))
        if not output.quiet:
            say(f"it plays back in {report}")
    return status


def _report(trace: Mapping[str, Any], anyway: bool) -> bytes:
    """It once more, with the measures that the laboratory takes."""
    from gandyn.ui.share.report import described
    from gandyn.ui.share.report import report as make

    run = Run.of(timeline_of(trace, anyway=anyway, measured=True))
    recording = record([run], trace["stop"], lambda done, of: None)
    return make(recording, described([run]))
