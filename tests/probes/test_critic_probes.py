"""The critic's map and contours against direct evaluation, and against critics whose contours are known."""

import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes import PROBES
from gandyn.probes.contours import LINES, levels_of, lines, tracer_of
from gandyn.probes.critic_map import critic_map, middle_of, scale_of
from gandyn.probes.inputs import ROWS, in_pieces
from tests.probes.moments import moment


def pieces(x: np.ndarray) -> list[np.ndarray]:
    """What lies between NaNs."""
    cuts = np.flatnonzero(np.isnan(x))
    return [part for part in np.split(x, cuts) if len(part[~np.isnan(part)])]


@pytest.mark.parametrize("m", [1, 8, 64, 101])  # 101^2 rows are more than one piece
def test_the_map_is_the_critic_at_the_middles_of_the_cells(m):
    experiment, state = moment(dtype=torch.float64)
    arrays = critic_map(experiment, state, Rng(0), m=m, half_width=2.5)
    assert arrays["values"].shape == arrays["probability"].shape == (m, m)
    assert arrays["values"].dtype == np.float64
    np.testing.assert_allclose(arrays["line"], [-2.5 + (i + 0.5) * 5 / m for i in range(m)])
    for row, column in [(0, 0), (0, m - 1), (m // 2, m // 3), (m - 1, m - 1)]:
        point = torch.tensor([[arrays["line"][column], arrays["line"][row]]])  # x is the column, y the row
        d = float(experiment.game.critic.apply(state.d, point))
        assert arrays["values"][row, column] == pytest.approx(d, rel=1e-12)
        assert arrays["probability"][row, column] == pytest.approx(1 / (1 + math.exp(-d)), rel=1e-12)


def test_the_map_agrees_with_the_module_of_the_critic():
    experiment, state = moment()
    arrays = critic_map(experiment, state, Rng(0), m=20)
    module = experiment.game.critic.module(state.d)
    y, x = np.meshgrid(arrays["line"], arrays["line"], indexing="ij")
    points = torch.tensor(np.stack([x, y], 2), dtype=torch.float32).view(-1, 2)
    np.testing.assert_allclose(arrays["values"], module(points).detach().view(20, 20), rtol=1e-4, atol=1e-5)
    assert float(arrays["half_width"]) == 3


def test_on_a_line_all_rows_are_alike():
    experiment, state = moment(TARGETS["dirac"](), dtype=torch.float64)
    arrays = critic_map(experiment, state, Rng(0), m=16)
    assert (arrays["values"] == arrays["values"][0]).all()
    at = torch.tensor([[arrays["line"][5]]])
    assert arrays["values"][9, 5] == pytest.approx(float(experiment.game.critic.apply(state.d, at)), rel=1e-12)


def test_pieces_are_put_together_in_order():
    rows = torch.arange(2.0 * ROWS + 3)[:, None]
    sizes = []

    def apply(piece):
        sizes.append(len(piece))
        return 2 * piece

    assert torch.equal(in_pieces(apply, rows), 2 * rows)
    assert max(sizes) <= ROWS


@pytest.mark.parametrize("objective", list(OBJECTIVES))
def test_the_middle_fits_the_scale(objective):
    experiment, state = moment(dtype=torch.float64, objective=objective)
    arrays = critic_map(experiment, state, Rng(0), m=4)
    scale = OBJECTIVES[objective].scale
    assert scale_of(experiment) == scale == str(arrays["scale"])
    if scale != "difference":
        assert float(arrays["middle"]) == {"probability": 0, "target": 0.5, "score": 0}[scale]
        return
    drawn = PROBES["samples"](experiment, state, Rng(0), n=512)
    d_r, d_f = (
        float(experiment.game.critic.apply(state.d, torch.tensor(drawn[key]).double()).mean())
        for key in ("real", "generated")
    )
    assert float(arrays["middle"]) == pytest.approx((d_r + d_f) / 2, rel=1e-9)


def test_the_middle_of_a_difference_moves_with_its_constant():
    experiment, state = moment(objective="wasserstein", dtype=torch.float64)
    lifted = state.d.clone()
    lifted[-1] += 7  # the bias of the last layer
    a, b = middle_of(experiment, state, Rng(0)), middle_of(experiment, state._replace(d=lifted), Rng(0))
    assert b - a == pytest.approx(7)
    there = PROBES["contours"](experiment, state, Rng(0))
    lifted_there = PROBES["contours"](experiment, state._replace(d=lifted), Rng(0))
    np.testing.assert_allclose(there["mid_x"], lifted_there["mid_x"], atol=1e-5)


@pytest.mark.parametrize("objective", ["wasserstein", "minimax"])
def test_the_line_of_a_critic_without_constant_is_where_it_is_0(objective):
    """Dirac: d(x) = psi x is 0 at x = 0 alone, wherever the generator is."""
    experiment = gandyn.preset("dirac", objective=objective)
    run = gandyn.Run(experiment)
    for steps in (0, 23, 100):
        run.advance(steps)
        there = PROBES["contours"](experiment, run.state, Rng(0))
        assert middle_of(experiment, run.state, Rng(0)) == 0
        assert float(run.state.g[0]) != 0 and len(there["mid_x"]) > 0
        np.testing.assert_allclose(there["mid_x"][np.isfinite(there["mid_x"])], 0, atol=1e-6)


def test_contours_lie_where_the_critic_has_their_value():
    experiment, state = moment(dtype=torch.float64, steps=60)
    arrays = PROBES["contours"](experiment, state, Rng(0), m=128)
    for x, y, levels in [
        (arrays["x"], arrays["y"], arrays["levels"]),
        (arrays["mid_x"], arrays["mid_y"], np.array([0.0])),
    ]:
        assert x.dtype == y.dtype == np.float32
        assert (np.isnan(x) == np.isnan(y)).all()
        points = torch.tensor(np.stack([x, y], 1)[~np.isnan(x)], dtype=torch.float64)
        assert len(points) > 10
        d = experiment.game.critic.apply(state.d, points).numpy()
        off = np.abs(d - levels[None]).min(1)  # each point has one of the levels, up to interpolation
        assert off.max() < 0.02 * np.ptp(arrays["levels"])
    assert len(arrays["levels"]) >= LINES


def test_contours_of_what_was_seen_are_the_same():
    experiment, state = moment()
    seen = critic_map(experiment, state, Rng(0), m=32, half_width=2)
    a = PROBES["contours"](experiment, state, Rng(0), critic=seen)
    b = PROBES["contours"](experiment, state, Rng(0), m=32, half_width=2)
    for key in a:
        np.testing.assert_array_equal(a[key], b[key])


def test_the_contours_of_a_plane_are_straight_lines_one_a_level():
    line = np.linspace(-1, 1, 21)
    values = np.tile(line, (21, 1))  # d = x
    x, y = lines(tracer_of(values, line), np.array([-0.5, 0.25]))
    assert len(pieces(x)) == 2
    for piece, level in zip(pieces(x), (-0.5, 0.25), strict=True):
        np.testing.assert_allclose(piece[~np.isnan(piece)], level, atol=1e-6)
    assert np.nanmin(y) == -1
    assert np.nanmax(y) == 1


def test_two_islands_of_one_level_are_kept_apart():
    line = np.linspace(-2, 2, 81)
    x, y = np.meshgrid(line, line)
    values = np.exp(-((x - 1) ** 2 + y**2) * 8) + np.exp(-((x + 1) ** 2 + y**2) * 8)
    arrays, _ = lines(tracer_of(values, line), np.array([0.5]))
    assert len(pieces(arrays)) == 2
    assert not np.isnan(arrays[0])
    assert not np.isnan(arrays[-1])


def test_no_line_where_there_is_none():
    line = np.linspace(-1, 1, 5)
    for values in (np.zeros((5, 5)), np.full((5, 5), np.nan), np.full((5, 5), np.inf)):
        assert levels_of(values, 0.0).size == 0
        x, y = lines(tracer_of(values, line), np.array([0.5]))
        assert x.shape == y.shape == (0,)


@pytest.mark.parametrize("reach", [1e-6, 0.013, 1.0, 3.7, 990.0])
@pytest.mark.parametrize("middle", [0.0, -4.2])
def test_levels_are_round_steps_from_the_middle(reach, middle):
    levels = levels_of(middle + reach * np.linspace(-1, 1, 1001), middle)
    step = float(np.diff(levels).min())
    assert f"{step:.0e}"[0] in "125"
    assert step == pytest.approx(float(f"{step:.0e}"), rel=1e-6)
    np.testing.assert_allclose((levels - middle) / step, np.round((levels - middle) / step), atol=1e-6)
    assert 2 * LINES <= len(levels) <= 5 * LINES
    assert middle not in levels
