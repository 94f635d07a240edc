"""What a soak has found, in Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks.soak.server import Held
from gandyn.benchmarks import report

COLUMNS = {
    "sessions": "sessions", "fps": "frames/s of each (least)", "steps": "steps/s of each (least)",
    "fair": "fairness", "delay": "slider -> frame, 95 %", "cpu": "CPU", "opened": "all open after",
    "rss": "MB", "left": "MB, sessions, threads after all have gone",
}  # fmt: skip
MOST_LINES = 8  # of the lines of lost pages


def in_words(row: dict[str, Any]) -> list[str]:
    """The cells of a row."""
    (fps, least_fps), (steps, least_steps), (left, sessions, threads) = row["fps"], row["steps"], row["left"]
    return [
        f"{row['sessions']}", f"{fps:.1f} ({least_fps:.1f})", f"{steps:.0f} ({least_steps:.0f})",
        f"{row['fair']:.2f}", _ms(row["delay"]), f"{row['cpu']:.2f}", f"{row['opened']:.1f} s", f"{row['rss']:.0f}",
        f"{left:.0f}, {sessions}, {threads}",
    ]  # fmt: skip


def table(rows: list[dict[str, Any]]) -> str:
    """All rows in Markdown."""
    return report.table(COLUMNS.values(), map(in_words, rows))


def of_viewers(report: dict[str, Any]) -> str:
    """A sentence on the viewers of one run."""
    (fps, least), (steps, _) = report["fps"], report["steps"]
    return (
        f"{report['viewers']} viewers of one run: {fps:.1f} frames/s of each (least {least:.1f}), {steps:.0f} steps/s, "
        f"CPU {report['cpu']:.2f}, all there after {report['opened']:.1f} s."
    )


def of_neighbour(report: dict[str, Any]) -> str:
    """A sentence on a page beside a heavy one."""
    alone, beside = report["alone"], report["beside"]
    return (
        f"A page beside one in the same process with `?{report['query']}`, which makes {report['its_steps']:.1f} "
        f"steps/s: {beside['steps'][0]:.0f} steps/s (alone {alone['steps'][0]:.0f}), {beside['fps'][0]:.1f} frames/s "
        f"({alone['fps'][0]:.1f}), slider -> frame {_ms(beside['delay'])} ({_ms(alone['delay'])})."
    )


def of_people(report: dict[str, Any]) -> str:
    """A paragraph on people who come and go."""
    before, after = Held(**report["before"]), Held(**report["after"])
    minutes = report["minutes"]
    levels = [one["megabytes"] for one in minutes]
    lost = (
        "none lost" if not report["lost"] else f"{len(report['lost'])} LOST: " + "; ".join(report["lost"][:MOST_LINES])
    )
    return (
        f"{report['people']} people for {report['seconds'] / 60:.0f} minutes: {report['pages']} pages opened, {lost}; "
        f"a page shows its first frame within {report['joined']:.1f} s (95 %), a slider's effect within "
        f"{_ms(report['delay'])} (95 %); {levels[0]:.0f} MB in the first minute, {max(levels):.0f} at most, "
        f"{levels[-1]:.0f} in the last. Sessions, documents, threads, MB before: {before.sessions}, "
        f"{before.documents}, {before.threads}, {before.megabytes:.0f}; after all have gone: {after.sessions}, "
        f"{after.documents}, {after.threads}, {after.megabytes:.0f}."
    )


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1000 * seconds:.0f} ms"
