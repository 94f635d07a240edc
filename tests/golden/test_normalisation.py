"""What spectral and gradient normalisation promise of the critic, and that the maps show the critic as it is then."""

import pytest
import torch

import gandyn
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import norms
from gandyn.core.regularising import critic_at
from gandyn.probes.inputs import judge
from tests.contracts.small import experiment

NETS = [
    gandyn.mlp([2, 6, 4, 1], "relu", gain=3.0),
    gandyn.mlp([2, 6, 1], "tanh", "orthogonal", gain=2.0),  # equal singular values
    gandyn.conv_critic((1, 8, 8), [2, 3], kernel=3, hidden=(4,)),
]


@pytest.mark.parametrize("net", NETS, ids=["relu", "orthogonal", "convolutions"])
def test_every_matrix_has_a_largest_singular_value_of_1_in_every_lane(net):
    theta = torch.stack([net.init(gandyn.Rng(seed)).double() for seed in range(3)])
    normalised = PENALTIES["spectral-normalisation"].reparametrise(net, theta)
    for before, after in zip(theta, normalised, strict=True):
        for name, view in net.named(after).items():
            if view.ndim > 1:
                assert float(torch.linalg.matrix_norm(view.flatten(1), 2)) == pytest.approx(1, rel=1e-12)
            else:
                assert torch.equal(view, net.named(before)[name])


def test_a_matrix_of_zeros_stays():
    net = gandyn.mlp([2, 3, 1], init="constant", gain=0.0)
    theta = torch.zeros(net.size, dtype=torch.float64, requires_grad=True)
    PENALTIES["spectral-normalisation"].reparametrise(net, theta).sum().backward()
    assert torch.isfinite(theta.grad).all()


def test_a_normalised_critic_lies_between_minus_1_and_1_with_a_slope_of_1_at_most():
    """d^ = d / (|s| + |d|) of a critic with relus, which has the constant slope s around a point."""
    net = gandyn.mlp([2, 8, 8, 1], "relu", gain=4.0)
    game = gandyn.Game(net, net, gandyn.sgd(), gandyn.sgd(), gandyn.Latent(2))
    theta = net.init(gandyn.Rng(1)).double()
    x = torch.randn(500, 2, generator=torch.Generator().manual_seed(0)).double()
    names = ("none", "gradient-normalisation")
    bare, normalised = (critic_at(game, gandyn.Rule(penalty=name), theta) for name in names)
    steep, slopes = norms(bare, x).detach(), norms(normalised, x).detach()
    assert float(steep.max()) > 5
    assert float(normalised(x).detach().abs().max()) < 1 and float(slopes.max()) <= 1 + 1e-12
    torch.testing.assert_close(slopes, steep**2 / (steep + bare(x).abs()) ** 2)


@pytest.mark.parametrize("name", ["spectral-normalisation", "gradient-normalisation"])
def test_the_maps_show_the_critic_as_the_penalty_makes_it(name):
    at, x = experiment(penalty=name), torch.randn(9, 2, generator=torch.Generator().manual_seed(0))
    state = gandyn.init(at.game, 0)
    judged = judge(at, state, x)
    assert not judged.requires_grad
    torch.testing.assert_close(judged, critic_at(at.game, at.rule, state.d)(x).detach())
    assert not torch.allclose(judged, judge(at.replace(penalty="none"), state, x))


def test_clamping_a_generator_without_latents_changes_nothing():
    ends = []
    for penalty in ("none", "jacobian-clamping"):
        run = gandyn.Run(experiment(latent_size=0, penalty=penalty, engine="autograd"))
        run.advance(2)
        ends.append(run.state)
    assert torch.equal(ends[0].g, ends[1].g) and torch.equal(ends[0].d, ends[1].d)


@pytest.mark.parametrize("name", ["instance-noise", "augmentation", "jacobian-clamping"])
def test_what_draws_numbers_of_its_own_says_where_they_are_missing(name):
    at = experiment(penalty=name)
    batches = [batch._replace(own=None) for batch in gandyn.draw_batches(at, gandyn.Rng(0))]
    with pytest.raises(
        ValueError, match=rf"^penalty '{name}' needs its \w+ numbers in batch.own, as draw_batches gives"
    ):
        gandyn.step(at.game, at.rule, gandyn.init(at.game, 0), batches, at.knobs)
