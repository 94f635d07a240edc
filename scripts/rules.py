"""Writes docs/rules.md: every update rule, and what it does to the bilinear game beside what theory says.

python -m scripts.rules
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch

from gandyn.benchmarks.report import table
from gandyn.core.controls import own_controls
from gandyn.core.update_rule import UpdateRule
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.live.run import Run
from gandyn.presets import preset
from gandyn.probes.prediction import measured_contraction
from scripts import rules_study

PAGE = Path(__file__).parents[1] / "docs/rules.md"
RATE = 0.1
HALF = 1860  # steps, at least: of a rule that goes back now and then, a multiple of its period
OTHER = {  # than the defaults, where those show little
    "lookahead-minimax": {"k": 31, "alpha": 0.45}, "lead": {"coupling": 5.0}, "symplectic": {"strength": 0.5},
    "alex-gda": {"beyond": 1.5},
}  # fmt: skip
HEAD = """# Update rules

How both players move, `update_rule` among the controls: w = (theta_G, theta_D), v(w) = (dL_G/dtheta_G,
dL_D/dtheta_D), the field of the game, J = dv/dw its Jacobian, J' the transpose, J_o what of J is not in its two
diagonal blocks, h the learning rates. A rule evaluates the field where it wants and moves each player by its
optimiser along what it makes of that: with SGD w <- w - h v; with Adam what it makes of v enters the moments. All
rules but `gradient` make both players' moves of the one minibatch of a step, so that `order`, `critic_steps` and
`generator_steps` have no effect. Products with J are exact (automatic differentiation), but for the penalty
`spectral-normalisation`, whose singular vectors count as constant. All rules are live: another one begins with a memory
of its own.

Cost: evaluations of the field a step, both players' gradients on one minibatch; a product with J or J' is about
two. Steps of `gradient` are made by the compiled engine, those of the others by autograd.

## On the bilinear game

The preset `bilinear` is the game xy: v = (y, -x), whose eigenvalues i and -i no rate
makes smaller than 1 in |1 - h lambda|. Contraction: the factor by which the distance to the middle changes a step,
at rates 0.1 with SGD, as the matrix of the rule says it and as {steps:,} steps of the GAN give it in float64 (their
second half; as an average, where the points go round on an ellipse). Below 1 the rule arrives. Where a default shows
little here another value stands, and the default in brackets.
"""
AROUND = """## Around every rule

**Look-ahead**, `unroll` k, is part of the field, so every rule works on it: with `unroll_player` generator the
generator descends L_G(theta_G, theta_D^k), theta_D^k what k more updates of the critic on this minibatch make of
theta_D; with critic the players are exchanged, with both each looks ahead of the other. Under `unroll_order` second
the derivative goes through the k updates, under first they count as constant in a player's own derivative; J, and
what theory says of a rule, has in both orders how the result changes from place to place. On `bilinear`, both
looking k ahead at equal rates is `lola` with alpha = k h. Source: Metz et al. 2017 (1611.02163), eq. 7.

**Two time scales**, `lr_g` and `lr_d`, each with a decay of its own: lr_t = lr (1 + t / T)^-p, p = `decay_g` and
`decay_d`, T = `decay_steps`. With p in (1/2, 1] the sums of rates are infinite and those of squares are not; the
critic is the faster one where `decay_g` is the larger. Source: Heusel et al. 2017 (1706.08500), section 2.

**Averaging** of the generator, beside the training: what is shown and measured is the average, what is trained is
not. `averaging` exponential is e <- ema e + (1 - ema) theta_G, off at `ema` = 0; uniform is e <- e + (theta_G - e)
/ n, the mean of all n iterates so far, which on `bilinear` arrives in the middle while the iterates go round.
Source: Yazici et al. 2019 (1806.04498), sections 3.1 and 3.2."""


def measured(rule: UpdateRule) -> float:
    """The contraction of the distance to the middle a step, over the second half of the steps."""
    experiment = preset("bilinear").replace(update_rule=rule, lr_g=RATE, lr_d=RATE)
    run = Run(experiment, dtype=torch.float64)
    turn = torch.tensor([[1.0, -RATE], [RATE, 1.0]], dtype=torch.float64)  # a step of gradient descent
    half = math.ceil(HALF / (period := rule.settles(turn).period)) * period
    far = []
    for _ in range(2):
        run.advance(half)
        far.append(math.hypot(float(run.state.g), float(run.state.d)))
    rate = measured_contraction(far[0], far[1], half)
    assert rate is not None, rule
    return rate


def row(rule: UpdateRule, measure: Callable[[UpdateRule], str]) -> list[str]:
    """Name, parameters, cost, predicted, measured."""
    predicted = rule.contraction(RATE)
    default = type(rule)().parameters()
    settings = ", ".join(
        f"{name} = {value}" + ("" if value == default[name] else f" ({default[name]})")
        for name, value in rule.parameters().items()
    )
    name, cost = f"`{rule.name}`", f"{rule.gradients:g}"
    return [name, settings, cost, *(["–", "–"] if predicted is None else [f"{predicted:.5f}", measure(rule)])]


def page(measure: Callable[[UpdateRule], str]) -> str:
    """The whole page."""
    rules = [rule(**OTHER.get(name, {})) for name, rule in UPDATE_RULES.items()]
    parts = [
        HEAD.format(steps=2 * HALF),
        table(("rule", "parameters", "cost", "predicted", "measured"), (row(one, measure) for one in rules)),
    ]
    parts += [
        "No closed form: `anchored-extragradient` comes nearer as 1/t, `stable-opponent-shaping` depends on the place, "
        "and `follow-the-ridge` asks for second derivatives of the critic's loss, of which xy has none: in their place "
        "stands its damping, by whose reciprocal the points fly apart.",
        rules_study.section({name: rule().gradients for name, rule in UPDATE_RULES.items()}),
        AROUND,
        "## All rules",
    ]
    for name, rule in UPDATE_RULES.items():
        default = rule().parameters()
        own = [
            f"`{each.name}`: {each.help}, by default {default[each.name.partition('.')[2]]}"
            for each in own_controls(rule)
        ]
        words = f"{rule.summary[0].upper()}{rule.summary[1:]}. Source: {rule.cite}."
        parts += [f"### `{name}`", f"`{rule.formula}`", words, *(["; ".join(own) + "."] if own else [])]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(lambda rule: f"{measured(rule):.5f}"), encoding="utf-8")
