"""What an evaluation found, in lines that a person reads."""

from collections.abc import Mapping
from typing import Any

from gandyn.probes.sample_measures import MEASURES

# key: (name, how the number is written, what is better, its unit). Shares are written in percent.
LINES = {
    "modes": ("modes hit", "{:d}", "more is better, of {centres}"),
    "covered": ("modes covered", "{:d}", "more is better, of {centres}"),
    "hq": ("within 3 sigma", "{:.2%}", "higher is better, 98.89 % for Gaussians in the plane"),
    "reverse_kl": ("reverse KL, near samples", "{:.4f}", "lower is better, nats"),
    "reverse_kl_all": ("reverse KL, all samples", "{:.4f}", "lower is better, nats"),
    "sw2": ("sliced Wasserstein-2", "{:.4f}", "lower is better, units of the data"),
    **{one.name: (one.title, one.form, one.better) for one in MEASURES.values()},
    "frechet": ("Frechet distance", "{:.2f}", "lower is better, squared units of features; compare only at equal n"),
    "kid": ("kernel distance (KID)", "{:.4f}", "lower is better, 0 on average for real samples, at any n"),
    "kl": ("KL of the digits to uniform", "{:.4f}", "lower is better, nats, at most 2.30"),
    "classes": ("digits above 1 %", "{:d}", "more is better, of 10"),
    "confident": ("confident", "{:.1%}", "higher is better, samples with a probability above 0.9"),
}


def report(evaluation: Mapping[str, Any]) -> list[str]:
    """The results of `gandyn.records.evaluate.evaluate` as aligned lines.

    Each has a number, that of real samples beside it, what is better and its unit.
    """
    n, real = evaluation["n"], evaluation["real"]
    rows = [("", "generated", "real", "")]
    for key, (name, form, better) in LINES.items():
        if key in evaluation:
            generated, true = (_written(of[key], form) for of in (evaluation, real))
            rows.append((name, generated, true, better.format(centres=evaluation.get("centres"))))
    for digit, count in enumerate(evaluation.get("histogram", ())):
        rows.append((f"digit {digit}", f"{count / n:.1%}", f"{real['histogram'][digit] / n:.1%}", ""))
    for mode in evaluation.get("by_mode", ()):
        place = ", ".join(f"{x:.2f}" for x in mode["centre"])
        generated, true = (f"{mode[key]:.1%}" for key in ("generated", "real"))
        rows.append((f"mode at ({place})", generated, true, f"of weight {mode['weight']:.1%}"))
    first, second, third = (max(len(row[i]) for row in rows) for i in range(3))
    lines = [f"{n:,} samples; real: as many real ones, what no generator is expected to beat"]
    lines += [f"{name:<{first}}  {a:>{second}}  {b:>{third}}  {better}".rstrip() for name, a, b, better in rows]
    if "classifier" in evaluation:
        sha256, accuracy = evaluation["classifier"]["sha256"], evaluation["classifier"]["accuracy"]
        lines.append(f"compared with {evaluation['reference']}")
        lines.append(f"seen by classifier {sha256[:12]}, right about {accuracy:.2%} of MNIST's test images")
    return lines


def _written(value: float | int | None, form: str) -> str:
    return "none" if value is None else form.format(value)
