"""Learning rates that decay by a power of the steps: by hand on the game xy, and the engines beside each other."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core import engine as engines
from gandyn.core import native
from gandyn.core.cuda_graphs import graph_step
from gandyn.core.decay import knobs_at
from gandyn.core.lanes import knobs_of, lane
from gandyn.core.play import draw_batch, draw_batches, init_lanes
from gandyn.core.rng import Rng
from gandyn.probes import PROBES
from tests.contracts.small import experiment, same

H, K, T = 0.2, 0.3, 5.0  # the generator's rate, the critic's, and the steps of the decay
POWERS = {"decay_g": 0.9, "decay_d": 0.6, "decay_steps": T}
F64 = torch.float64


def rates(t: int) -> tuple[float, float]:
    """Both players' at step t."""
    return H / (1 + t / T) ** 0.9, K / (1 + t / T) ** 0.6


def by_gradient(x: float, y: float, t: int) -> tuple[float, float]:
    """L_G = -xy and L_D = xy: v = (-y, x)."""
    h, k = rates(t)
    return x + h * y, y - k * x


def by_extragradient(x: float, y: float, t: int) -> tuple[float, float]:
    h, k = rates(t)
    ahead_x, ahead_y = x + h * y, y - k * x
    return x + h * ahead_y, y - k * ahead_x


def by_look_ahead(x: float, y: float, t: int) -> tuple[float, float]:
    """Two steps of the critic ahead, -x (y - 2 k x), at the rate of this step."""
    h, k = rates(t)
    return x + h * (y - 4 * k * x), y - k * x


@pytest.mark.parametrize(
    ("controls", "by_hand"),
    [({}, by_gradient), ({"update_rule": "extragradient"}, by_extragradient), ({"unroll": 2}, by_look_ahead)],
    ids=["gradient", "extragradient", "look-ahead"],
)
@pytest.mark.parametrize("take", [gandyn.step_reference, gandyn.step, graph_step], ids=["autograd", "auto", "graph"])
def test_rates_decay_as_the_recurrence_on_the_bilinear_game(take, controls, by_hand):
    at = gandyn.preset("bilinear", lr_g=H, lr_d=K, **POWERS, **controls)
    state = gandyn.init(at.game, 0, dtype=F64)
    state = state._replace(g=torch.full_like(state.g, 1.0), d=torch.full_like(state.d, -0.5))
    batch, x, y = draw_batch(at, Rng(0), F64), 1.0, -0.5
    for t in range(40):
        state, _ = take(at.game, at.rule, state, [batch], at.knobs)
        x, y = by_hand(x, y, t)
        np.testing.assert_allclose([float(state.g), float(state.d)], [x, y], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("changes", [{}, {"unroll": 2}, {"order": "alternating", "critic_steps": 2}], ids=str)
@pytest.mark.parametrize("lanes", [0, 3])
def test_the_compiled_engine_decays_alike_however_many_steps_a_call_makes(changes, lanes):
    at = experiment(**POWERS, **changes)
    if lanes:
        at = at.replace(
            decay_g=torch.tensor([0.0, 0.3, 1.0], dtype=F64), lr_d=torch.tensor([0.02, 0.01, 0.03], dtype=F64)
        )
    assert native.unsupported_reason(at.game, at.rule) is None
    start = init_lanes(at.game, 0, lanes or None, dtype=F64)
    ends = {
        name: engines.advance(at, engines.advance(at, start, range(lanes or 1), first, name)[0],
                              range(lanes or 1), 30 - first, name)[0]
        for name, first in (("native", 13), ("autograd", 13))
    }  # fmt: skip
    whole, _ = engines.advance(at, start, range(lanes or 1), 30, "native")
    assert same(whole, ends["native"])
    torch.testing.assert_close(whole.g, ends["autograd"].g, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(whole.d, ends["autograd"].d, rtol=1e-9, atol=1e-11)


def test_a_lane_has_the_decay_of_its_own():
    at = experiment(**POWERS).replace(decay_d=torch.tensor([0.0, 0.5]), decay_steps=torch.tensor([2.0, 7.0]))
    start = init_lanes(at.game, 0, 2, dtype=F64)._replace(step=6)
    batches = draw_batches(at, Rng(0), F64)
    together = [type(batch)(*(part if part is None else torch.stack([part, part]) for part in batch[:4]))
                for batch in batches]  # fmt: skip
    both, _ = gandyn.step_reference(at.game, at.rule, start, together, at.knobs)
    for i in range(2):
        alone, _ = gandyn.step_reference(at.game, at.rule, lane(start, i), batches, knobs_of(at.knobs, i))
        torch.testing.assert_close(lane(both, i).d, alone.d, rtol=1e-13, atol=1e-15)


def test_knobs_of_a_step_decay_no_further_and_those_without_decay_are_untouched():
    knobs = gandyn.Knobs(lr_g=H, lr_d=K, **POWERS)
    now = knobs_at(knobs, 12)
    assert (now.lr_g, now.lr_d) == pytest.approx(rates(12), rel=1e-15)
    assert knobs_at(now, 12) is now and knobs_at(gandyn.Knobs(), 12) == gandyn.Knobs()


def test_a_view_of_a_moment_has_the_rates_of_that_moment():
    at = gandyn.preset("bilinear", lr_g=H, lr_d=H, **POWERS | {"decay_d": 0.9})
    state = gandyn.init(at.game, 0)._replace(step=20)
    h = rates(20)[0]
    seen = PROBES["portrait"](at, state, Rng(0))
    assert float(seen["h"]) == pytest.approx(h) and float(seen["contraction"]) == pytest.approx(np.hypot(1, h))
