"""The tables of `python -m benchmarks.app`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gandyn.benchmarks.report import sentence, table

PACES = {"preset": "at the preset's speed", "free": "without a limit"}
Row = tuple[str, str, str, str]  # what, wanted, found, cores that others used


def rows(report: dict[str, Any]) -> Iterator[Row]:
    """The figures that were asked for."""
    for name, words in PACES.items():
        if "frames" in report:
            one = report["frames"][name]
            spread = f"{one['frames_per_s']:.1f} ({one['low']:.1f} to {one['high']:.1f})"
            yield f"new frames a second, {words}", "≥ 20", spread, _others(one)
    for name, words in PACES.items():
        if "latency" in report:
            one = report["latency"][name]
            for kind, limit in (("used", 50), ("visible", 150)):
                what = "used by a training step" if kind == "used" else "visible"
                delay = f"{one[f'{kind}_50_ms']:.0f} / {one[f'{kind}_95_ms']:.0f}"
                delay += f" ({one['missed']} of {one['moves']} never seen)" if one["missed"] else ""
                yield f"a moved slider {what}, ms, 50 % / 95 %, {words}", f"/ ≤ {limit}", delay, _others(one)
    if "training" in report:
        one = report["training"]
        ratio = f"{100 * one['ratio']:.0f} % ({100 * one['low']:.0f} to {100 * one['high']:.0f})"
        yield "training with the page open, of the headless rate", "≥ 75 %", ratio, _others(one)
    if "viewers" in report:
        one = report["viewers"]
        for name, count in (("all", one["count"]), ("one", 1)):
            limit = "≤ 10 %" if name == "all" else ""
            added = f"{one[name]['added_server_percent']:.1f} %"
            what = f"{count} more viewer{'s' * (count > 1)} cost the server, of a core"
            yield what, limit, added, _others(one[name])
        yield "one frame sent to one of them, ms of CPU", "", f"{one['all']['send_ms']:.2f}", _others(one["all"])
    if "views" in report:
        one = report["views"]
        for name, words in (("steps_per_s", "training"), ("frames_per_s", "new frames")):
            lost = f"{one[name]['lost_percent']:.0f} % ({one[name]['without']:.4g} to {one[name]['with']:.4g} a second)"
            yield f"{words} lost to {' and '.join(one['views'])}", "≤ 10 %", lost, _others(one)
        age = f"{one['age_s']['median']:.2f} / {one['age_s']['worst']:.2f}"
        yield "age of what these two show, s, median / worst", "/ ≤ 2", age, _others(one)
        name, worst = max(one["alone_s"].items(), key=lambda item: item[1]["worst"])
        yield (
            f"the oldest of the others by themselves, {name}",
            "/ ≤ 2",
            f"{worst['median']:.2f} / {worst['worst']:.2f}",
            "",
        )
    if "memory" in report:
        one = report["memory"]
        for name, words in (("server_rss", "the server's memory"), ("page_heap", "the page's heap")):
            change = f"{one[f'{name}_change_percent']:+.1f} % from {one[f'{name}_mb']:.0f} MB"
            yield f"{words}, minute 1 to {one['minutes']:g}", "≤ 10 %", change, _others(one)


def _others(one: dict[str, Any]) -> str:
    return f"{one['others_cores']:.1f}"


def costs(report: dict[str, Any]) -> str:
    """What one frame and one step cost, where."""
    names = {
        "step_ms": "a training step, in the server",
        "frame_ms": "making a frame, in the same thread",
        "loop_ms": "sending it and all else of the server's loop",
        "page_task_ms": "the page's main thread",
        "page_script_ms": "of that, script",
        "page_layout_ms": "of that, layout",
        "page_recalcstyle_ms": "of that, style",
    }
    cores = {
        "stepper_cores": "the stepper's thread",
        "server_cores": "the server",
        "page_cores": "the page's process",
        "browser_cores": "Chromium's other processes",
        "others_cores": "others",
    }
    figures = report["frames"]
    lines = [[f"{words}, ms", *(f"{figures[pace][name]:.1f}" for pace in PACES)] for name, words in names.items()]
    lines += [[f"{words}, cores", *(f"{figures[pace][name]:.2f}" for pace in PACES)] for name, words in cores.items()]
    lines += [["steps a second", *(f"{figures[pace]['steps_per_s']:.0f}" for pace in PACES)]]
    return table(["CPU time for one frame shown; cores in use", *PACES.values()], lines)


def text(report: dict[str, Any]) -> str:
    """The tables of the parts that there are, with the machine of each."""
    measured = {name: part["machine"] for name, part in report.items() if "machine" in part}
    lines = [f"- {', '.join(names)}: {line}" for line, names in _grouped(measured).items()]
    parts = ["\n".join(lines), table(["figure", "wanted", "found", "others, cores"], rows(report))]
    if "frames" in report:
        parts.append(costs(report))
    if "console_errors" in report:
        parts.append("Errors in the page's console: " + "; ".join(report["console_errors"]))
    return "\n\n".join(parts)


def _grouped(measured: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, described in measured.items():
        groups.setdefault(sentence(described), []).append(name)
    return groups
