"""Write docs/reference.md from the registries: `python scripts/reference.py` (a test holds the page up to date)."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gandyn.core.controls import Control, controls, own_controls
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import Penalty
from gandyn.core.penalty_set import range_of
from gandyn.core.target import TARGETS
from gandyn.core.types import Objective
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.presets import PRESETS, describe
from gandyn.probes import PROBES
from gandyn.probes.sample_measures import MEASURES
from gandyn.ui.share.link import KEYS
from gandyn.ui.studies import STUDIES
from gandyn.ui.views import VIEWS

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"
HEAD = """# Reference

Made by `python scripts/reference.py` from the declarations in the code. The names are the same in Python
(`experiment.replace(lr_d=2e-4)`), in a link (`?lr_d=2e-4`) and in the browser. A whole number may be written as 1000,
1e3 or 1000.0, here and in the options of the command line; nothing is rounded to one.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def span(control: Control) -> str:
    """The values that a control takes."""
    if control.choices:
        return ", ".join(f"`{name}`" for name in control.choices) + (", or several with +" if control.several else "")
    if control.type is bool:
        return "`true`, `false`"
    if control.type is tuple:
        return "numbers with commas between"
    if control.type is str:
        return "text"
    return f"{control.low:g} to {control.high:g}" + (f" {control.unit}" if control.unit else "")


def rows_of(listed: Iterable[Control]) -> list[Sequence[str]]:
    """One row a control."""
    return [
        (f"`{c.name}`", span(c), c.help + (f": `{c.formula}`" if c.formula else ""), "next step" if c.live else "reset")
        for c in listed
    ]


PENALTIES_IN_WORDS = (
    "Any number at once, as `penalty=r1+r2`. w is `penalty.NAME` (`penalty.r1=10`), live, and where that is not set "
    "`penalty_weight`, or the default in the table: such a w is no weight of a loss. Compiled: the native engine "
    "computes it on a CPU; the others autograd computes."
)
NOTATION = (
    "w = (theta_G, theta_D), v(w) = (dL_G/dtheta_G, dL_D/dtheta_D), J = dv/dw, J' its transpose, J_o what of J is not "
    "in its two diagonal blocks, h the learning rates. Gradients: evaluations of v a step, about; a product with J is "
    "two. [rules.md](rules.md): what they do to the bilinear game, beside what theory says."
)


def number(penalty: Penalty) -> str:
    """What the number of a penalty may be."""
    if not penalty.numbered:
        return "none"
    low, high = range_of(penalty)
    return f"{low:g} to {high:g}" + (f", default {penalty.amount.default:g}" if penalty.amount else "")


def with_owner(objective: Objective) -> list[tuple[str, ...]]:
    """The rows of its own parameters, the objective's name in front."""
    return [(f"`{objective.name}`", *row) for row in rows_of(own_controls(type(objective)))]


def page() -> str:
    """The whole page."""
    head = ("control", "values", "meaning", "takes effect")
    parts = [HEAD, "## Controls", table(head, rows_of(controls().values()))]
    keys = [(f"`{name}`", *words) for name, words in KEYS.items()]
    parts += ["In the laboratory and its link also:", table(("key", "values", "meaning"), keys)]
    losses = [(f"`{o.name}`", o.summary, f"`{o.formula}`", o.cite) for o in OBJECTIVES.values()]
    parts += ["## Objectives", table(("name", "in a line", "losses", "source"), losses)]
    of_losses = [own for objective in OBJECTIVES.values() for own in with_owner(objective)]
    parts += ["Some have live parameters:", table(("objective", *head), of_losses)]
    regularisers = [
        (f"`{p.name}`", p.summary, f"`{p.formula}`", number(p), "yes" if p.gradient_of else "", p.cite)
        for p in PENALTIES.values()
    ]
    parts += [
        "## Penalties",
        PENALTIES_IN_WORDS,
        table(("name", "in a line", "added to L_D, or changed", "w", "compiled", "source"), regularisers),
    ]
    moves = [(f"`{o.name}`", o.summary, f"`{o.formula}`", o.cite) for o in OPTIMIZERS.values()]
    parts += ["## Optimisers", "g is the gradient, lr is `lr_g` or `lr_d`."]
    parts += [table(("name", "in a line", "update", "source"), moves)]
    parts += ["## Update rules", NOTATION]
    for name, rule in UPDATE_RULES.items():
        cost = f"Gradients a step: {rule().gradients:g}. Source: {rule.cite}."
        parts += [f"### `{name}`", f"`{rule.formula}`", f"{rule.summary[0].upper()}{rule.summary[1:]}. {cost}"]
        parts += [table(head, rows_of(own))] if (own := own_controls(rule)) else []
    scores = [(f"`{m.name}`", m.title, m.definition, m.better, m.cite) for m in MEASURES.values()]
    parts += ["## Measures", "Of samples on a line or in the plane, `gandyn.measure(target, samples, full=True)`:"]
    parts += [table(("name", "title", "definition", "reads", "source"), scores)]
    parts += ["## Targets"]
    for name, kind in TARGETS.items():
        parts += [
            f"### `{name}`",
            kind.summary[0].upper() + kind.summary[1:] + ".",
            table(head, rows_of(own_controls(kind))),
        ]
    parts += ["## Presets", *(line for experiment in PRESETS.values() for line in preset_lines(experiment))]
    probes = [(f"`{name}`", probe.title) for name, probe in PROBES.items()]
    parts += ["## Probes", table(("name", "what it shows"), probes)]
    views = [(f"`{name}`", view.summary) for name, view in VIEWS.items()]
    parts += ["## Views", table(("name", "what it shows"), views)]
    chosen = [(f"`{name}`", study.title, study.reading, study.cost) for name, study in STUDIES.items()]
    parts += ["### Views of choice", table(("name", "title", "how to read it", "cost"), chosen)]
    return "\n\n".join(parts) + "\n"


def preset_lines(experiment) -> list[str]:  # noqa: ANN001  an Experiment
    """Title, what it is, what to see, source."""
    row = describe(experiment)
    size = ", ".join(f"{part} {row[part]}" for part in ("generator", "critic") if row[part])
    facts = f"{row['kind']}; {size + '; ' if size else ''}{experiment.steps:,} steps. Source: {experiment.cite}."
    return [
        f"### `{experiment.name}`",
        experiment.summary[0].upper() + experiment.summary[1:] + ".",
        experiment.note,
        facts,
    ]


if __name__ == "__main__":
    PAGE.write_text(page())
