"""The benchmarks compare like with like, and count what they say: the plain loops compute what gandyn computes."""

import pytest
import torch

from benchmarks import parts, report
from benchmarks.baselines import baseline
from benchmarks.step import RULES, SIZES, experiment
from gandyn.core.dynamics import step
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES)
def test_a_baseline_takes_the_same_steps(rule, size):
    setting = experiment(rule, size)
    state = init(setting.game, 0, torch.float64)
    plain = baseline(setting, state)
    for _ in range(3):
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


@pytest.mark.parametrize("rule", RULES)
def test_a_baseline_draws_what_gandyn_draws(rule):
    """As many batches of the same shapes; the points of the same law."""
    setting = experiment(rule, "classroom")
    plain = baseline(setting, init(setting.game, 0))
    torch.manual_seed(0)
    mine, theirs = draw_batches(setting, Rng(0)), plain.draw_batches()
    assert len(theirs) == len(mine)
    for a, b in zip(mine, theirs, strict=True):
        assert (a.real.shape, a.z.shape) == (b.real.shape, b.z.shape)
        assert abs(a.real.norm(dim=1).mean() - b.real.norm(dim=1).mean()) < 0.05


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
