"""The benchmarks compare like with like: the plain loops compute what gandyn computes."""

import pytest
import torch

from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.rows import preset_rows, rows
from gandyn.core.dynamics import step
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.presets import PRESETS

ROWS = {name: row.setting for name, row in (rows() | preset_rows()).items() if row.other == "plain"}
SLOW = ("mnist-wgan", "mnist-dcgan", "wgan-gp-toy")  # one step of a smaller batch instead of three


@pytest.mark.parametrize("shared", [False, True], ids=["plain", "shared"])
@pytest.mark.parametrize("name", ROWS)
def test_a_baseline_takes_the_same_steps(name, shared):
    """In float64, where rounding cannot hide a difference."""
    slow = name.startswith(SLOW)
    setting = ROWS[name].replace(batch_size=8 if slow else 64)
    state = init(setting.game, 0, torch.float64)
    plain = baseline(setting, state, shared=shared)
    for _ in range(1 if slow else 3):
        batches = draw_batches(setting, Rng(0, state.step), torch.float64)
        d_loss, g_loss = plain.step(batches)
        state, metrics = step(setting.game, setting.rule, state, batches, setting.knobs)
        torch.testing.assert_close(
            (d_loss, g_loss), (metrics.critic_loss, metrics.generator_loss), rtol=1e-9, atol=1e-12
        )
    nets = (setting.game.generator, state.g), (setting.game.critic, state.d)
    for parameters, (net, theta) in zip(plain.parameters(), nets, strict=True):
        for got, wanted in zip(parameters, net.named(theta).values(), strict=True):
            torch.testing.assert_close(got.detach(), wanted, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("shared", [False, True], ids=["plain", "shared"])
@pytest.mark.parametrize(
    "controls",
    [
        {"order": "simultaneous", "critic_steps": 2},
        {"order": "generator-first", "generator_steps": 2, "penalty": "gradient-penalty"},
        {"order": "simultaneous", "penalty": "gradient-penalty", "objective": "hinge", "critic_steps": 1},
        {"optimizer_d": "rmsprop-tf", "optimizer_g": "sgd", "objective": "least-squares"},
    ],
)
def test_so_does_that_of_other_rules(controls, shared):
    setting = PRESETS["ring-wgan-clip"].replace(batch_size=16, **controls)
    state = init(setting.game, 0, torch.float64)
    plain = baseline(setting, state, shared=shared)
    for _ in range(2):
        batches = draw_batches(setting, Rng(0, state.step), torch.float64)
        plain.step(batches)
        state, _ = step(setting.game, setting.rule, state, batches, setting.knobs)
    for parameter, wanted in zip(plain.parameters()[0], setting.game.generator.named(state.g).values(), strict=True):
        torch.testing.assert_close(parameter.detach(), wanted, rtol=1e-8, atol=1e-11)
    for parameter, wanted in zip(plain.parameters()[1], setting.game.critic.named(state.d).values(), strict=True):
        torch.testing.assert_close(parameter.detach(), wanted, rtol=1e-8, atol=1e-11)


def test_there_is_no_baseline_for_what_it_does_not_compute():
    for controls in ({"penalty": "r1"}, {"ema": 0.5}, {"freeze": "critic"}, {"order": "alternating"}):
        setting = PRESETS["collapse"].replace(**controls)
        with pytest.raises(ValueError, match="no baseline"):
            baseline(setting, init(setting.game, 0))


@pytest.mark.parametrize("name", ROWS)
def test_a_baseline_draws_what_gandyn_draws(name):
    """As many batches; real samples, of the same law, where an update of the plain loop reads them."""
    setting = ROWS[name].replace(batch_size=4096)
    plain = baseline(setting, init(setting.game, 0))
    torch.manual_seed(0)
    mine, theirs = draw_batches(setting, Rng(0)), plain.draw_batches()
    assert len(theirs) == len(mine)
    for i, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        assert a.z.shape == b.z.shape
        assert a.z.numel() == 0 or abs(a.z.square().mean() - b.z.square().mean()) < 0.1
        if i < setting.rule.critic_steps or setting.rule.unroll:
            assert a.real.shape == b.real.shape
            for moment in (lambda x: x.flatten(1).norm(dim=1).mean(), lambda x: x.mean(), lambda x: x.std()):
                assert moment(b.real) == pytest.approx(float(moment(a.real)), rel=0.05, abs=0.05)
        if setting.rule.penalty != "none" and i < setting.rule.critic_steps:
            assert a.mix.shape == b.mix.shape
