"""Update rules at equal gradients: what sweeps of three presets found, as a table and a figure of docs/rules.md.

    python -m scripts.rules_study SWEEP...      folders of sweeps, made by the commands in COMMAND for the rules in turn

Reads their summaries into docs/rules/equal-gradients.json, over what stands there of the same rules, and draws the
figure; `python -m scripts.rules` writes the page. Autograd steps most rules: on a GPU, with 32 GANs in a step, the
sweeps took four minutes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib.ticker import NullLocator

from gandyn.benchmarks.report import table
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.records.colours import LIGHT
from gandyn.records.figures.canvas import BODY, SMALL, dress, figure, save

FOLDER = Path(__file__).parents[1] / "docs/rules"
RESULTS, PICTURE = FOLDER / "equal-gradients.json", FOLDER / "equal-gradients.png"
PRESETS = ("collapse", "rotation", "ring-wgan-clip")
KEPT = ("preset", "update_rule", "n", "errors", "cover", "covered", "hq", "sw2")
MODES = 8
COMMAND = (
    "gandyn sweep collapse,rotation,ring-wgan-clip --seeds 0:32 --gradients 4000 --set device=cuda update_rule=..."
)
WORDS = f"""## On three presets, at equal gradients

Each rule with its defaults, under all else that the preset says, for as many steps as cost {{gradients:,}}
evaluations of the field, to the nearest step: modes covered of {MODES} at the end, the mean over the seeds
{{seeds}} and Student's interval of it (95 %), and of the samples the share within 3 sigma of a mode. On
`ring-wgan-clip` a step of `gradient` is five updates of the critic and one of the generator, three evaluations, so
that it makes 1,333 steps. Made on an {{device}} by

```
{COMMAND}
```

![Modes covered by each rule](rules/equal-gradients.png)
"""
READ = """\
What to read of it. No rule mends `rotation` under the preset's rates. On `collapse` descent holds one mode, and
`consensus`, which damps the rotation in the gradients themselves, all eight or few: the mean of 6.5 is of seeds of
either kind (of the same 32 on a processor 24 hold eight, the others three and fewer). `symplectic`, `alex-gda` and
`nested-lookahead` hold two or three. On `ring-wgan-clip` rules that are cheap and damp win: `alex-gda`,
`optimistic`, `lookahead-minimax` and `consensus` cover all eight modes in every seed, plain descent in four of
five. Rules with many products of the Jacobian make a tenth of the steps or less and have not arrived. What a paper
reports of a rule is at rates of its own: these are the presets'."""


def results() -> dict[str, Any]:
    """What the sweeps found: `about`, and `points` with a preset and an update rule each."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def _cell(point: dict[str, Any]) -> str:
    value, low, high = point["covered"]
    return f"{value:.1f} ({low:.1f} to {high:.1f}), {point['hq'][0]:.0%}"


def section(rules: dict[str, float]) -> str:
    """The part of the page; `rules`: their costs by name."""
    contents = results()
    by_rule = {(point["preset"], point["update_rule"]): point for point in contents["points"]}
    paid = contents["about"]["gradients"]
    rows = [
        [f"`{name}`", f"{paid / cost:,.0f}", *(_cell(by_rule[preset, name]) for preset in PRESETS)]
        for name, cost in rules.items()
    ]
    head = ("rule", "steps", *(f"`{preset}`" for preset in PRESETS))
    return "\n\n".join([WORDS.format(**contents["about"]).rstrip(), table(head, rows), READ])


def draw() -> None:
    """The figure: a column a preset, a row a rule, the mean of the modes covered with its interval."""
    points = results()["points"]
    names = list(dict.fromkeys(point["update_rule"] for point in points))
    drawn = figure(860, 60 + 22 * len(names))
    all_axes = drawn.subplots(1, len(PRESETS), sharey=True)
    for axes, preset in zip(all_axes, PRESETS, strict=True):
        dress(axes)
        means = {point["update_rule"]: point["covered"] for point in points if point["preset"] == preset}
        plain = means["gradient"][0]
        axes.axvline(plain, color=LIGHT["line"], linewidth=1, linestyle=(0, (4, 3)))
        for place, name in enumerate(names):
            value, low, high = means[name]
            axes.plot([low, high], [place, place], color=LIGHT["generated"], linewidth=2, solid_capstyle="round")
            axes.plot(value, place, "o", color=LIGHT["generated"], markersize=5)
        axes.set(xlim=(-0.3, MODES + 0.3), ylim=(len(names) - 0.4, -0.6), xticks=range(0, MODES + 1, 2))
        axes.set_yticks(range(len(names)), names)
        axes.yaxis.set_minor_locator(NullLocator())
        axes.grid(color=LIGHT["grid"], linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_title(preset, loc="left", fontsize=BODY, color=LIGHT["text"])
    words = f"modes covered of {MODES}: mean over 32 seeds and its 95 % interval; dashed: gradient"
    drawn.supxlabel(words, fontsize=SMALL + 1, color=LIGHT["text"])
    save(drawn, PICTURE)


def _rounded(value: Any) -> Any:
    return [round(number, 3) for number in value] if isinstance(value, list) else value


def gather(folders: list[Path]) -> None:
    """Read the summaries of the sweeps."""
    contents = results()
    summaries = [json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in folders]
    new = [{name: _rounded(point[name]) for name in KEPT} for summary in summaries for point in summary["points"]]
    by_rule = {(point["update_rule"], point["preset"]): point for point in (*contents["points"], *new)}
    points = [by_rule[rule, preset] for preset in PRESETS for rule in UPDATE_RULES if (rule, preset) in by_rule]
    lines = ",\n".join("  " + json.dumps(point) for point in points)
    about = json.dumps(contents["about"])
    RESULTS.write_text(f'{{"about": {about}, "points": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        gather([Path(folder) for folder in sys.argv[1:]])
    draw()
