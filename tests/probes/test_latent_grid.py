"""The warped latent grid, against generators whose Jacobian is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gandyn.core.rng import Rng
from gandyn.core.types import Latent
from gandyn.probes import PROBES
from gandyn.probes.latent_grid import FAINTEST, REACH, SPREAD, grid_lines, jacobian, plane_of
from tests.probes.moments import moment


def with_generator(apply, latent: Latent):
    experiment, state = moment(dtype=torch.float64)
    net = experiment.game.generator._replace(apply=apply, bind=None, layout=None, inputs=None)
    return replace(experiment, game=experiment.game._replace(generator=net, latent=latent)), state


def test_a_linear_generator_stretches_by_its_singular_values_everywhere():
    matrix = torch.tensor([[3.0, 1.0, 0.5], [0.0, 0.2, -1.0]], dtype=torch.float64)
    experiment, state = with_generator(lambda theta, z: z @ matrix.T, Latent(3))
    arrays = PROBES["latent_grid"](experiment, state, Rng(0), lines=5, points=9)
    largest, smallest = np.linalg.svd(matrix.numpy(), compute_uv=False)
    np.testing.assert_allclose(10 ** arrays["stretch"], np.full(80, largest), rtol=1e-12)
    assert arrays["median"] == pytest.approx(largest) and arrays["folded"] == float(largest > 100 * smallest)
    corner = matrix @ torch.tensor([-REACH["normal"]] * 3, dtype=torch.float64)
    np.testing.assert_allclose([arrays["x0"][0], arrays["y0"][0]], corner)
    assert len(arrays["x0"]) == 2 * 5 * 8


def test_under_a_linear_generator_opacity_is_the_latents_own_density():
    experiment, state = with_generator(lambda theta, z: 2.0 * z, Latent(2))
    arrays = PROBES["latent_grid"](experiment, state, Rng(0), lines=3, points=201)
    middle = np.stack([arrays["x0"] + arrays["x1"], arrays["y0"] + arrays["y1"]], 1) / 4  # back in latent space
    density = np.exp(-0.5 * (middle**2).sum(1))
    alpha = arrays["alpha"]
    known = (alpha > FAINTEST) & (alpha < 1)
    ratio = alpha[known] ** 2 / density[known]
    np.testing.assert_allclose(ratio, ratio[0], rtol=2e-3)


def test_where_a_generator_spreads_its_samples_they_are_fainter():
    def bent(theta, z):  # x = z^3 + z / 10, so dx/dz = 3 z^2 + 1/10, and y the same
        return z**3 + 0.1 * z

    experiment, state = with_generator(bent, Latent(2, "uniform"))
    arrays = PROBES["latent_grid"](experiment, state, Rng(0), lines=3, points=101)
    z = np.linspace(-1, 1, 101)
    along = slice(100, 200)  # the second line: z_1 = 0
    mean_slope = np.log10(3 * z**2 + 0.1)
    np.testing.assert_allclose(arrays["stretch"][along], (mean_slope[1:] + mean_slope[:-1]) / 2, atol=1e-9)
    alpha = arrays["alpha"][along]
    assert alpha[49] == alpha.max() and (np.diff(alpha[:50]) >= 0).all() and alpha[0] < alpha[49] / 3


def test_the_jacobian_is_that_of_central_differences():
    experiment, state = moment(dtype=torch.float64)
    z = torch.randn(6, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    x, slope = jacobian(experiment, state.g, z)
    apply = experiment.game.generator.apply
    h = 1e-6
    for i, step in enumerate(h * torch.eye(3, dtype=torch.float64)):
        wanted = (apply(state.g, z + step) - apply(state.g, z - step)) / (2 * h)
        np.testing.assert_allclose(slope[:, :, i], wanted.detach(), atol=1e-8)
    np.testing.assert_allclose(x, apply(state.g, z).detach(), atol=1e-12)


def test_the_slice_holds_latents_of_the_usual_length_within_their_law():
    for size in (2, 3, 7, 64):
        embed = plane_of(Latent(size))
        z = embed @ torch.tensor([1.0, -1.0], dtype=torch.float64)
        assert float(z.norm()) == pytest.approx(size**0.5), "as a standard normal vector has it"
        assert float(z.abs().max()) == 1
    np.testing.assert_array_equal(plane_of(Latent(2)), np.eye(2))


def test_a_latent_of_one_number_is_a_line_and_without_one_there_is_nothing_to_warp():
    experiment, state = with_generator(lambda theta, z: torch.cat([z, z.square()], 1), Latent(1))
    arrays = PROBES["latent_grid"](experiment, state, Rng(0))
    np.testing.assert_allclose(arrays["y0"], arrays["x0"] ** 2, atol=1e-12)
    assert len(arrays["x0"]) == len(grid_lines(Latent(1), 5, 9)[0]) - 1 and np.isfinite(arrays["alpha"]).all()
    experiment, state = with_generator(lambda theta, z: z, Latent(0))
    with pytest.raises(ValueError, match="no latent"):
        PROBES["latent_grid"](experiment, state, Rng(0))


def test_the_grid_before_the_generator_is_square_and_a_linear_generator_maps_it_as_a_matrix_does():
    matrix = torch.tensor([[0.3, 1.0], [-0.5, 0.2]], dtype=torch.float64)
    experiment, state = with_generator(lambda theta, z: z @ matrix.T, Latent(2))
    arrays = PROBES["latent_grid"](experiment, state, Rng(0), lines=3, points=5)
    flat = np.stack([arrays["flat_x0"], arrays["flat_y0"]], 1)
    assert abs(flat).max() == pytest.approx(SPREAD * 3)  # the window of a ring of radius 2
    latents = flat * REACH["normal"] / (SPREAD * 3)
    np.testing.assert_allclose(np.stack([arrays["x0"], arrays["y0"]], 1), latents @ matrix.numpy().T, atol=1e-9)
    assert (np.isclose(arrays["flat_x0"], arrays["flat_x1"]) | np.isclose(arrays["flat_y0"], arrays["flat_y1"])).all()
