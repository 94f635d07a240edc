"""The arrows against finite differences of the generator's loss, in float64."""

import itertools

import numpy as np
import pytest
import torch

from gandyn.core.critic_update import logits, look_ahead
from gandyn.core.moving import PlayerState
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes import PROBES
from gandyn.probes.gradient_field import FAINT, LONGEST, field_batch, pushes
from tests.probes.moments import moment

N = 12
STEP = 1e-5


def loss_of(experiment, state, batch, fake, d_k=None):
    """The generator's loss as a function of its samples; with a given critic, or one that looks ahead at them."""
    if d_k is None:
        critic = PlayerState(state.d, state.opt_d)
        d_k = look_ahead(experiment.game, experiment.rule, critic, fake, batch, experiment.knobs).detach()
    objective = OBJECTIVES[experiment.rule.objective]
    if objective.of_samples is not None:
        return float(objective.of_samples(batch.real, fake))
    real_logits, fake_logits = (logits(experiment.game, experiment.rule, d_k, x) for x in (batch.real, fake))
    return float(objective.generator_loss(real_logits, fake_logits).detach())


def differences(experiment, state, batch, fake, d_k=None):
    """- n dL/dx by central differences."""
    gradient = torch.zeros_like(fake)
    for i, j in itertools.product(*map(range, fake.shape)):
        ends = []
        for sign in (1, -1):
            moved = fake.clone()
            moved[i, j] += sign * STEP
            ends.append(loss_of(experiment, state, batch, moved, d_k))
        gradient[i, j] = -len(fake) * (ends[0] - ends[1]) / (2 * STEP)
    return gradient


@pytest.mark.parametrize("objective", list(OBJECTIVES))
@pytest.mark.parametrize("target", ["ring", "dirac"])
def test_without_look_ahead(objective, target):
    experiment, state = moment(TARGETS[target](), dtype=torch.float64, objective=objective)
    batch = field_batch(experiment, state, Rng(0), N, 100)
    fake, push = pushes(experiment, state, batch)
    wanted = differences(experiment, state, batch, fake)
    torch.testing.assert_close(push, wanted, rtol=1e-5, atol=1e-8)
    assert float(push.abs().max()) > 1e-4


@pytest.mark.parametrize("objective", ["minimax", "non-saturating", "wasserstein", "relativistic"])
@pytest.mark.parametrize("penalty", ["none", "gradient-penalty", "dragan"])
def test_the_look_ahead_is_part_of_what_a_sample_follows(objective, penalty):
    experiment, state = moment(
        dtype=torch.float64, objective=objective, penalty=penalty, penalty_weight=0.5, unroll=3, lr_d=0.05
    )
    batch = field_batch(experiment, state, Rng(0), N, 100)
    fake, push = pushes(experiment, state, batch)
    torch.testing.assert_close(push, differences(experiment, state, batch, fake), rtol=1e-4, atol=1e-7)

    first = experiment.replace(unroll_order="first")
    critic = PlayerState(state.d, state.opt_d)
    d_3 = look_ahead(first.game, first.rule, critic, fake, batch, first.knobs)
    _, push_first = pushes(first, state, batch)
    torch.testing.assert_close(push_first, differences(first, state, batch, fake, d_3), rtol=1e-4, atol=1e-7)
    assert float((push - push_first).norm() / push.norm()) > 1e-3


def test_first_order_can_be_asked_for():
    experiment, state = moment(dtype=torch.float64, unroll=3, lr_d=0.05)
    asked = PROBES["gradient_field"](experiment, state, Rng(0), first_order=True)
    ruled = PROBES["gradient_field"](experiment.replace(unroll_order="first"), state, Rng(0))
    full = PROBES["gradient_field"](experiment, state, Rng(0))
    np.testing.assert_array_equal(asked["x1"], ruled["x1"])
    assert not np.allclose(asked["x1"], full["x1"])


def test_arrows_start_at_the_samples_that_are_shown():
    experiment, state = moment()
    arrows = PROBES["gradient_field"](experiment, state, Rng(0), n=50, of=300)
    arrays = PROBES["samples"](experiment, state, Rng(0), n=300)["generated"][:50]
    np.testing.assert_allclose(np.stack([arrows["x0"], arrows["y0"]], 1), arrays, atol=1e-6)


@pytest.mark.parametrize("objective", list(OBJECTIVES))
def test_the_length_rule(objective):
    experiment, state = moment(dtype=torch.float64, objective=objective)
    n, r = 101, 3.0
    arrows = PROBES["gradient_field"](experiment, state, Rng(0), n=n)
    _, push = pushes(experiment, state, field_batch(experiment, state, Rng(0), n, 1000))
    sizes = push.norm(dim=1).numpy()
    median, factor = float(arrows["median"]), float(arrows["factor"])
    assert median == pytest.approx(float(np.median(sizes)))
    assert median > FAINT
    assert factor * median == pytest.approx(r / 12)
    drawn = np.stack([arrows["x1"] - arrows["x0"], arrows["y1"] - arrows["y0"]], 1)
    lengths = np.linalg.norm(drawn, axis=1)
    np.testing.assert_allclose(lengths, np.minimum(factor * sizes, LONGEST * r / 12), rtol=1e-9)
    cosine = (drawn * push.numpy()).sum(1) / lengths / sizes
    np.testing.assert_allclose(cosine, 1, atol=1e-12)


def test_a_vanished_gradient_looks_vanished():
    experiment, state = moment(dtype=torch.float64, objective="minimax")
    sure = state.d.clone()
    sure[-1] -= 30  # sigmoid d is about 1e-13 everywhere: the saturating loss has no slope left
    arrows = PROBES["gradient_field"](experiment, state._replace(d=sure), Rng(0))
    assert float(arrows["median"]) < 1e-9
    assert float(arrows["factor"]) == pytest.approx(3 / 12 / FAINT)
    assert np.hypot(arrows["x1"] - arrows["x0"], arrows["y1"] - arrows["y0"]).max() < 1e-3


def test_a_critic_without_slope_gives_arrows_of_length_0():
    experiment, state = moment()
    arrows = PROBES["gradient_field"](experiment, state._replace(d=torch.zeros_like(state.d)), Rng(0))
    np.testing.assert_array_equal(arrows["x0"], arrows["x1"])


def test_on_a_line_arrows_lie_on_y_0():
    experiment, state = moment(TARGETS["dirac"]())
    arrows = PROBES["gradient_field"](experiment, state, Rng(0))
    assert not arrows["y0"].any()
    assert not arrows["y1"].any()
    assert np.abs(arrows["x1"] - arrows["x0"]).max() > 0


def test_a_wasserstein_push_is_the_slope_of_the_critic():
    experiment, state = moment(dtype=torch.float64, objective="wasserstein")
    fake, push = pushes(experiment, state, field_batch(experiment, state, Rng(0), N, 100))
    x = fake.clone().requires_grad_()
    (slope,) = torch.autograd.grad(experiment.game.critic.apply(state.d, x).sum(), x)
    torch.testing.assert_close(push, slope)
