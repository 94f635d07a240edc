"""Writes docs/claims.md: what papers say of objectives and regularisers on toy targets, and whether it held here.

    python -m scripts.claims [FOLDER]     FOLDER: of the sweeps, one folder each by its name, made by COMMANDS
    python -m scripts.claims --commands   prints those commands

With a folder the sweeps' summaries are read into docs/claims/sweeps.json first, from which the page is written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from gandyn.benchmarks.report import table

ROOT = Path(__file__).parents[1]
PAGE, RESULTS = ROOT / "docs/claims.md", ROOT / "docs/claims/sweeps.json"
SEEDS = "0:32"
KEPT = ("n", "errors", "cover", "covered", "hq", "sw2")
MODES = {"ring": 8, "grid": 25}  # of the targets that have some
COMMANDS = {
    "plain": "ring-r3gan --set penalty=none objective=non-saturating,least-squares,hinge target=ring,grid",
    "r3": "ring-r3gan --set penalty=none,r1,r2,r1+r2 target=ring,grid",
    "pack": "ring-r3gan --set penalty=none objective=non-saturating critic.pack=2,4 target=ring,grid",
    "deviation": "ring-r3gan --set penalty=none objective=non-saturating critic.minibatch=deviation target=ring,grid",
    "dragan": "ring-r3gan --set objective=non-saturating penalty=none,dragan penalty.dragan=10 target=swiss-roll",
    "dragan2": "ring-r3gan --set objective=non-saturating penalty=dragan penalty.dragan=10 target=ring,grid",
    "wclip": "ring-wgan-clip --set target=ring,grid,swiss-roll",
    "wgp": "ring-wgan-gp --steps 3000 --set target=ring,grid,swiss-roll",
}


class Row(NamedTuple):
    """One setting of a claim: a point of a sweep."""

    name: str  # as the table has it
    sweeps: tuple[str, ...]  # one of these has it, by the target
    where: dict[str, Any]  # the values of the point, that of the target apart


class Claim(NamedTuple):
    """What a paper says, and the two settings that are held against each other."""

    title: str
    says: str  # with the published values
    cite: str
    targets: tuple[str, ...]
    plain: Row  # what is worse by the claim
    better: Row
    preset: str  # the one that shows the better setting on one of the targets
    others: tuple[Row, ...] = ()
    read: str = ""  # what to read of it


GAN = Row("non-saturating GAN", ("plain", "dragan"), {"objective": "non-saturating", "penalty": "none"})
CLAIMS = (
    Claim(
        "Critics that judge packs of samples see that modes are missing",
        "Modes of the ring: GAN 6.3 +- 0.5, packs of two 7.9 +- 0.1, of four 7.8 +- 0.1; of the grid of 25: 17.3 +- "
        "0.8, 23.8 +- 0.7, 24.8 +- 0.2 (mean and standard error of ten runs, layers of 200 to 400 units).",
        "Lin et al. 2018 (1712.04086), table 1",
        ("ring", "grid"),
        GAN,
        Row("packs of 2", ("pack",), {"critic.pack": 2}),
        "ring-packs",
        (Row("packs of 4", ("pack",), {"critic.pack": 4}),),
    ),
    Claim(
        "So do critics that see the whole minibatch",
        "What the critic sees of the other samples of the minibatch keeps the generator from giving one point for all.",
        "Salimans et al. 2016 (1606.03498), section 3.2; the deviation: Karras et al. 2018 (1710.10196), section 3",
        ("ring", "grid"),
        GAN,
        Row("minibatch deviation", ("deviation",), {}),
        "ring-minibatch-deviation",
        read="Minibatch discrimination, which compares every two samples, takes ten times as long: it was left out.",
    ),
    Claim(
        "Least squares learn the whole ring",
        "On a mixture of eight Gaussians the regular GAN suffers from collapse, the least-squares GAN learns it.",
        "Mao et al. 2017 (1611.04076), figure 4",
        ("ring", "grid"),
        GAN,
        Row("least squares", ("plain",), {"objective": "least-squares"}),
        "grid-least-squares",
        (Row("hinge", ("plain",), {"objective": "hinge"}),),
    ),
    Claim(
        "A penalty around the real samples makes collapse rare",
        "Gradient penalties around the data give fewer collapses and faster training, on the ring, the grid and the "
        "swiss roll, too.",
        "Kodali et al. 2017 (1705.07215), section 3",
        ("ring", "grid", "swiss-roll"),
        GAN,
        Row("DRAGAN, weight 10", ("dragan2", "dragan"), {"penalty": "dragan"}),
        "swiss-roll-dragan",
        read=(
            "A critic whose slope is held at 1 around the data drives the generator on where it has arrived: with "
            "equal rates and one update each it goes round. With the preset's weight, 0.1, the means are 1.1 modes of "
            "8 and 5.0 of 25."
        ),
    ),
    Claim(
        "A gradient penalty instead of a clip",
        "Clipped critics learn functions too simple for the ring, the grid and the swiss roll; penalised ones do not.",
        "Gulrajani et al. 2017 (1704.00028), section 3 and figure 1",
        ("ring", "grid", "swiss-roll"),
        Row("clip", ("wclip",), {}),
        Row("gradient penalty", ("wgp",), {}),
        "ring-wgan-gp",
    ),
    Claim(
        "The relativistic loss wants R1 and R2, both",
        "Without a penalty, and under R1 alone, it does not train reliably; under both it covers everything.",
        "Huang et al. 2024 (2501.05441), section 3",
        ("ring", "grid"),
        Row("no penalty", ("r3",), {"penalty": "none"}),
        Row("R1 and R2", ("r3",), {"penalty": "r1+r2"}),
        "ring-r3gan",
        (Row("R1 alone", ("r3",), {"penalty": "r1"}), Row("R2 alone", ("r3",), {"penalty": "r2"})),
    ),
)
HEAD = """# What papers claim of toy targets, and whether it held here

Each claim as the paper has it, and the same comparison here: {n} seeds of each setting, on networks of two layers of
64 units, at the preset's own rates. A claim of one setting over another **held** if the
mean of the better one is above that of the other beyond both intervals (95 %), **did not show** if the intervals
overlap, and is **the other way round** if it is below beyond them: of the modes covered, where the target has modes,
and of the sliced distance on the swiss roll. Covered means a quarter of a mode's share and more within 3
sigma of it. These are small networks and few steps: what does not show here may well show at the paper's size.
Looking ahead (Metz et al. 2017, 1611.02163) has a page of its own, of 104 seeds a point:
[study-collapse.md](study-collapse.md); update rules are compared in [rules.md](rules.md).
"""

METHOD = """## How it was made

By these sweeps, about an hour of one core of an Intel Xeon; `python -m scripts.claims FOLDER` writes this page."""


def contents() -> dict[str, list[dict[str, Any]]]:
    """The points of every sweep, as the file has them."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def point_of(results: dict[str, list[dict[str, Any]]], row: Row, target: str) -> dict[str, Any]:
    """The point of a setting on a target: the one whose values are these."""
    for point in (one for sweep in row.sweeps for one in results[sweep]):
        if point["target"] == target and all(point[name] == value for name, value in row.where.items()):
            return point
    raise LookupError(f"no point of {', '.join(row.sweeps)} has {row.where} on {target}")


def verdict(plain: dict[str, Any], better: dict[str, Any], target: str) -> str:
    """Whether the claim held: the means with their intervals, of modes covered or of the distance."""
    larger, smaller = (better["covered"], plain["covered"]) if target in MODES else (plain["sw2"], better["sw2"])
    (_, low, high), (_, other_low, other_high) = larger, smaller  # by the claim
    if low > other_high:
        return "held"
    return "the other way round" if high < other_low else "did not show"


def cells(point: dict[str, Any], target: str) -> list[str]:
    """Modes covered, the share of seeds that cover all, high quality, distance."""

    def interval(name: str, form: str) -> str:
        value, low, high = point[name]
        return f"{value:{form}} ({low:{form}} to {high:{form}})"

    if target not in MODES:
        return ["–", "–", "–", interval("sw2", ".3f")]
    return [interval("covered", ".1f"), f"{point['cover'][0]:.0%}", interval("hq", ".0%"), interval("sw2", ".2f")]


def part(claim: Claim, results: dict[str, list[dict[str, Any]]]) -> str:
    """The section of a claim."""
    rows, verdicts = [], []
    for target in claim.targets:
        settings = (claim.plain, claim.better, *claim.others)
        points = [point_of(results, row, target) for row in settings]
        verdicts.append(f"{target}: **{verdict(points[0], points[1], target)}**")
        of = f"{target}, {MODES[target]} modes" if target in MODES else target
        rows += [[of, row.name, *cells(at, target)] for row, at in zip(settings, points, strict=True)]
    head = ("target", "setting", "modes covered", "seeds with all", "high quality", "sliced distance")
    against = f"{claim.better.name} over {claim.plain.name}"
    text = [
        f"## {claim.title}",
        f"{claim.says} {claim.cite}.",
        f"Here, {against}: {'; '.join(verdicts)}. To watch: `{claim.preset}`.",
        table(head, rows),
    ]
    return "\n\n".join([*text, *([claim.read] if claim.read else [])])


def commands() -> str:
    """How the sweeps are made, in lines for a shell."""
    return "\n".join(f"gandyn sweep {what} --seeds {SEEDS} --out {name}" for name, what in COMMANDS.items())


def page() -> str:
    """The whole page."""
    results = contents()
    n = {point["n"] for points in results.values() for point in points}
    parts = [HEAD.format(n=" or ".join(map(str, sorted(n)))), *(part(claim, results) for claim in CLAIMS)]
    method = f"{METHOD}\n\n```\n{commands()}\n```"
    return "\n\n".join(each.rstrip() for each in [*parts, method]) + "\n"


def gather(folder: Path) -> None:
    """Read the summaries of the sweeps in this folder."""
    lines = []
    for name in COMMANDS:
        summary = json.loads((folder / name / "summary.json").read_text(encoding="utf-8"))
        points = [
            {key: value for key, value in point.items() if key in KEPT or not isinstance(value, list)}
            for point in summary["points"]
        ]
        lines.append(f'"{name}": [\n' + ",\n".join("  " + json.dumps(point) for point in points) + "\n]")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--commands"]:
        print(commands())
    else:
        if sys.argv[1:]:
            gather(Path(sys.argv[1]))
        PAGE.write_text(page(), encoding="utf-8")
