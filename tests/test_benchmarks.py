"""The benchmarks compare like with like, and count what they say: the plain loops compute what gandyn computes."""

import pytest
import torch

from benchmarks import parts, report
from benchmarks.baselines import baseline
from benchmarks.step import settings
from gandyn.core.dynamics import step
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.presets import PRESETS

ROWS = settings()
SLOW = ("mnist-wgan", "mnist-dcgan", "wgan-gp-toy")  # one step of a small batch instead of three


@pytest.mark.parametrize("name", ROWS)
def test_a_baseline_takes_the_same_steps(name):
    """In float64, where rounding cannot hide a difference."""
    setting, slow = ROWS[name], name.startswith(SLOW)
    setting = setting.replace(batch_size=8) if slow else setting
    state = init(setting.game, 0, torch.float64)
    plain = baseline(setting, state)
    for _ in range(1 if slow else 3):
        batches = draw_batches(setting, Rng(0, state.step), torch.float64)
        d_loss, g_loss = plain.step(batches)
        state, metrics = step(setting.game, setting.rule, state, batches, setting.knobs)
        torch.testing.assert_close(
            (d_loss, g_loss), (metrics.critic_loss, metrics.generator_loss), rtol=1e-9, atol=1e-12
        )
    nets = (setting.game.generator, state.g), (setting.game.critic, state.d)
    for found, (net, theta) in zip(plain.parameters(), nets, strict=True):
        for got, wanted in zip(found, net.named(theta).values(), strict=True):
            torch.testing.assert_close(got.detach(), wanted, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize(
    "controls",
    [
        {"order": "simultaneous", "critic_steps": 2},
        {"order": "generator-first", "generator_steps": 2, "penalty": "gradient-penalty"},
        {"order": "simultaneous", "penalty": "gradient-penalty", "objective": "hinge", "critic_steps": 1},
        {"optimizer_d": "rmsprop-tf", "optimizer_g": "sgd", "objective": "least-squares"},
    ],
)
def test_so_does_that_of_other_rules(controls):
    setting = PRESETS["ring-wgan-clip"].replace(batch_size=16, **controls)
    state = init(setting.game, 0, torch.float64)
    plain = baseline(setting, state)
    for _ in range(2):
        batches = draw_batches(setting, Rng(0, state.step), torch.float64)
        plain.step(batches)
        state, _ = step(setting.game, setting.rule, state, batches, setting.knobs)
    for found, wanted in zip(plain.parameters()[0], setting.game.generator.named(state.g).values(), strict=True):
        torch.testing.assert_close(found.detach(), wanted, rtol=1e-8, atol=1e-11)
    for found, wanted in zip(plain.parameters()[1], setting.game.critic.named(state.d).values(), strict=True):
        torch.testing.assert_close(found.detach(), wanted, rtol=1e-8, atol=1e-11)


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


def test_a_delay_counts_from_the_move_to_a_step_and_a_frame_with_the_new_value():
    moved = [1000.0, 2000.0, 3000.0]
    notes = [  # seconds; the first is from before the first move, the third move never reaches a step
        {"began": 0.990, "step": 10, "controls": {"lr_d": 5e-4}},
        {"began": 1.030, "step": 12, "controls": {"lr_d": 6e-4}},
        {"began": 2.040, "step": 70, "controls": {"lr_d": 5e-4}},
    ]
    seen = [
        {"step": 12, "value": 6e-4, "at": 1040.0, "done": 1045.0},  # the new value, but no step with it yet
        {"step": 15, "value": 6e-4, "at": 1080.0, "done": 1090.0},
        {"step": 72, "value": 5e-4, "at": 2100.0, "done": None},
    ]
    used, visible = parts.delays(moved, seen, notes)
    assert used == pytest.approx([30, 40])
    assert visible == pytest.approx([90, 100])


def test_quantiles():
    values = [float(i) for i in range(1, 41)]
    assert parts.quantile(values, 50) == 20
    assert parts.quantile(values, 95) == 38
    assert parts.quantile([7.0], 95) == 7


def test_tables_go_between_their_marks(tmp_path, monkeypatch):
    page = tmp_path / "performance.md"
    page.write_text("# Title\n<!-- app: begin -->\nold\n<!-- app: end -->\nthe end\n")
    monkeypatch.setattr(report, "PAGE", page)
    report.write("app", report.table(["a", "b"], [[1, 2]]))
    wanted = "# Title\n<!-- app: begin -->\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n<!-- app: end -->\nthe end\n"
    assert page.read_text() == wanted
