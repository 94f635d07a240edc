"""gandyn replay: a recorded session again."""

from __future__ import annotations

from pathlib import Path

from gandyn.cli.options import Data, Output
from gandyn.cli.training import carry_out, next_free, prepare, say_unused
from gandyn.records import strict_json as plain_json
from gandyn.records.config import from_config
from gandyn.records.disk import unreadable
from gandyn.records.figures import film
from gandyn.records.pictures import draw_movie
from gandyn.records.rundir import RunDirectory
from gandyn.training.begin import begin_replay


def replay(
    file: Path, data: Data, output: Output, *, out: Path | None = None, movie: Path | None = None, anyway: bool = False
) -> int:
    """Exit status; ValueError for wrong usage."""
    if movie is not None:
        film.check(movie)  # before the work, not after it
    prepare(data)
    try:
        trace = plain_json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(file, error) from None
    except ValueError as error:
        raise ValueError(f"{file} is no trace: {error}") from None
    try:
        directory = begin_replay(out or next_free(f"replay-{_name(trace)}"), trace, anyway=anyway)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    say_unused(data, from_config(directory.config()).target)
    status = carry_out(directory, output, new=True, recorded=trace.get("sha256"))
    if status == 0 and movie is not None:
        draw_movie(RunDirectory.existing(directory.path), movie)
    return status


def _name(trace: object) -> str:
    config = trace.get("config") if isinstance(trace, dict) else None
    return str(config.get("preset") or "session") if isinstance(config, dict) else "session"
