"""What a look-ahead changes: against the engine's own steps, and against a game in which it can be worked out."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gandyn.core.field import generator_loss
from gandyn.core.moving import PlayerState
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.rng import Rng
from gandyn.probes import PROBES
from gandyn.probes.gradient_field import field_batch
from gandyn.probes.look_ahead import critics_ahead, gradient_parts, looked_ahead
from tests.probes.moments import moment


def test_f_after_each_update_is_what_the_look_ahead_of_that_depth_reports():
    experiment, state = moment(dtype=torch.float64)
    batch = field_batch(experiment, state, Rng(0), 32, 32)
    critics, f = critics_ahead(experiment, state, batch, 4)
    assert len(critics) == len(f) == 5 and critics[0] is state.d
    for k in range(5):
        rule = experiment.rule._replace(unroll=k)
        loss = generator_loss(
            experiment.game, rule, state.g, PlayerState(state.d, state.opt_d), batch, experiment.knobs
        )
        assert f[k] == pytest.approx(float(loss.f_k), rel=1e-12)


def test_with_a_linear_critic_under_gradient_descent_the_gain_is_known():
    """d(x) = theta x under Wasserstein's loss: f = -theta (mean x - mean y), so each update gains lr |m|^2."""
    experiment, state = moment(dtype=torch.float64, objective="wasserstein", lr_d=0.05, beta1=0)
    net = experiment.game.critic._replace(apply=lambda theta, x: x @ theta[:2, None], bind=None, layout=None, size=2)
    experiment = replace(experiment, game=experiment.game._replace(critic=net, optimizer_d=sgd()))
    theta = torch.tensor([0.3, -0.2], dtype=torch.float64)
    state = state._replace(d=theta, opt_d=sgd().init(theta))
    arrays = PROBES["gap_over_k"](experiment, state, Rng(0), n=64)
    batch = field_batch(experiment, state, Rng(0), 64, 64)
    fake = experiment.game.generator.apply(state.g, batch.z)
    m = (batch.real.mean(0) - fake.mean(0)).detach()
    np.testing.assert_allclose(arrays["gain"], arrays["j"] * 0.05 * float(m @ m), rtol=1e-9)
    assert arrays["share"] == pytest.approx(looked_ahead(experiment) / 20) and arrays["gain_at_k"] == arrays["gain"][5]


def test_the_second_order_share_is_that_of_finite_differences():
    experiment, state = moment(dtype=torch.float64, unroll=3)
    batch = field_batch(experiment, state, Rng(0), 16, 16)
    whole, held = gradient_parts(experiment, state, batch, 3)

    def loss(g: torch.Tensor) -> float:
        rule = experiment.rule._replace(unroll=3)
        return float(
            generator_loss(experiment.game, rule, g, PlayerState(state.d, state.opt_d), batch, experiment.knobs).loss
        )

    direction = torch.randn(len(whole), generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    h = 1e-6
    slope = (loss(state.g + h * direction) - loss(state.g - h * direction)) / (2 * h)
    assert float(whole @ direction) == pytest.approx(slope, rel=1e-5)
    assert float((whole - held).norm()) > 1e-6 * float(whole.norm())
    arrays = PROBES["look_ahead"](experiment, state, Rng(0), n=16)
    assert arrays["second_share"] == pytest.approx(float((whole - held).norm() / whole.norm()), rel=1e-9)
    cosine = float(whole @ held / whole.norm() / held.norm())
    assert np.cos(np.radians(arrays["turned"])) == pytest.approx(cosine, abs=1e-9)


def test_the_map_is_the_critic_ahead_minus_the_critic_now():
    experiment, state = moment(dtype=torch.float64, unroll=2)
    arrays = PROBES["look_ahead"](experiment, state, Rng(0), n=32)
    critics, f = critics_ahead(experiment, state, field_batch(experiment, state, Rng(0), 32, 32), 2)
    m, r = len(arrays["difference"]), 3.0
    at = -r + 2 * r * (np.array([5, 20]) + 0.5) / m
    point = torch.tensor([[at[0], at[1]]], dtype=torch.float64)
    apply = experiment.game.critic.apply
    wanted = float(apply(critics[-1], point) - apply(critics[0], point))
    assert arrays["difference"][20, 5] * arrays["largest"] == pytest.approx(wanted, rel=1e-9)
    assert np.abs(arrays["difference"]).max() == pytest.approx(1)
    assert arrays["gap"] == pytest.approx(f[0] - f[-1]) and arrays["map_w"] == 2 * r


def test_while_the_rule_looks_nowhere_the_probe_takes_the_gaps_own_depth():
    experiment, _ = moment()
    assert looked_ahead(experiment) == experiment.probe_unroll == 5
    assert looked_ahead(experiment.replace(unroll=2)) == 2
