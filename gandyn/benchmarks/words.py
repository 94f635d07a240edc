"""A report for a person: the rows, the distance to the limit, the errors of the gradient, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gandyn.benchmarks.report import sentence, table

RATIOS = [
    "steps per second of one core",
    "gandyn",
    "compared with",
    "gandyn / that",
    "lowest to highest pair",
    "wanted",
    "gandyn / plain, shared passes",
]
LIMITS = [
    "share of the limit",
    "GFLOP a step",
    "products at their best, ms",
    "random numbers, ms",
    "limit, steps/s",
    "gandyn, steps/s",
    "share",
    "lowest to highest pair",
    "wanted",
    "all at the best rate",
]
FIGURES = ["beside the ratios", "values", "share or multiple", "wanted"]


def rate(value: float) -> str:
    """Steps per second, to three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def wanted(row: Mapping[str, Any], form: str) -> str:
    """What was asked for, the goal in brackets, and whether it was reached."""
    if row["wanted"] is None:
        return ""
    goal = "" if row["goal"] is None else f" (goal {row['goal']:{form}})"
    reached = "" if row["reached"] is None else ", reached" if row["reached"] else ", not reached"
    return f"≥ {row['wanted']:{form}}{goal}{reached}"


def _ratio(row: Mapping[str, Any]) -> list[str]:
    if row["ratio"] is None:
        return [row["name"], "", f"{row['against']}: {row['note']}", "", "", wanted(row, "g"), ""]
    against = rate(row["other"]) if row["against"] == "plain" else f"{rate(row['other'])} ({row['against']})"
    shared = f"{row['shared']['ratio']:.2f}" if "shared" in row else ""
    pairs = f"{row['low']:.2f} to {row['high']:.2f}"
    return [row["name"], rate(row["gandyn"]), against, f"{row['ratio']:.2f}", pairs, wanted(row, "g"), shared]


def _limit(row: Mapping[str, Any]) -> list[str]:
    limit = row["limit"]
    return [
        row["name"],
        f"{limit['operations'] / 1e9:.3f}",
        f"{1e3 * (limit['limit'] - limit['random_numbers']):.2f}",
        f"{1e3 * limit['random_numbers']:.2f}",
        rate(1 / limit["limit"]),
        rate(row["gandyn"]),
        f"{limit['share']:.0%}",
        f"{limit['low']:.0%} to {limit['high']:.0%}",
        wanted(limit, ".0%"),
        f"{limit['strict']:.0%}",
    ]


def _figure(figure: Mapping[str, Any]) -> list[str]:
    if "alone" in figure:
        values = f"{rate(figure['alone'])} alone, {rate(figure['beside'])} beside it"
        wanted = "" if figure["wanted"] is None else f"≥ {figure['wanted']:.0%}"
        value = f"{figure['value']:.1%}"
    else:
        values = f"{figure['peak'] / 1e6:.0f} MB of {figure['state'] / 1e6:.0f}"
        value, wanted = f"{figure['value']:.2f}", f"≤ {figure['wanted']:g}"
    reached = "" if figure["reached"] is None else ", reached" if figure["reached"] else ", not reached"
    return [figure["name"], values, value, wanted + reached]


def text(results: Mapping[str, Any]) -> str:
    """The whole report."""
    parts = [
        sentence(results["machine"]),
        f"One torch thread; load at the end {results['load_after']}.",
        table(RATIOS, map(_ratio, results["rows"])),
    ]
    limited = [row for row in results["rows"] if "limit" in row]
    if limited:
        best = max(row["limit"]["best_rate"] for row in limited)
        parts += [f"Best rate of a product: {best / 1e9:.0f} GFLOP/s.", table(LIMITS, map(_limit, limited))]
    if results["figures"]:
        parts.append(table(FIGURES, map(_figure, results["figures"])))
    if results["gradient_errors"]:
        errors = results["gradient_errors"].items()
        lines = [[name, "not installed" if error is None else f"{error:.1e}"] for name, error in errors]
        parts.append(table(["error of the generator's gradient, look-ahead 5", "against autograd in float64"], lines))
    return "\n\n".join(parts)
