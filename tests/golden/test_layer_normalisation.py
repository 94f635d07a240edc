"""Layer normalisation in perceptrons: against torch.nn.LayerNorm, and a step against losses written out, in float64."""

import pytest
import torch
from torch import nn
from torch.autograd import grad
from torch.nn import functional as F

import gandyn
from gandyn.core.engine import unsupported_reason
from gandyn.core.game_field import GameField
from gandyn.core.perceptron import ACTIVATIONS
from tests.contracts.small import check_goes_through_a_file, experiment

F64 = torch.float64
MODULES = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(0.2),
    "elu": nn.ELU,
    "softplus": nn.Softplus,
}


def moved(net: gandyn.Net, seed: int = 0) -> torch.Tensor:
    """Initial weights, with scales and shifts that are not 1 and 0."""
    draw = torch.Generator().manual_seed(seed)
    return net.init(draw) + 0.3 * torch.randn(net.size, generator=draw, dtype=F64)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_equal_to_torchs_layer_norm(activation, bias):
    """The value, both first derivatives, and the derivative of the squared input gradient, under torch's names."""
    net = gandyn.mlp([3, 5, 4, 1], activation, norm="layer", bias=bias)
    act = MODULES[activation]
    module = nn.Sequential(
        nn.Linear(3, 5, bias=bias), nn.LayerNorm(5), act(), nn.Linear(5, 4, bias=bias), nn.LayerNorm(4), act(),
        nn.Linear(4, 1, bias=bias),
    ).double()  # fmt: skip
    theta = moved(net).requires_grad_()
    assert net.size == sum(part.numel() for part in module.parameters())
    assert [(name, view.shape) for name, view in net.named(theta).items()] == [
        (name, part.shape) for name, part in module.state_dict().items()
    ]
    module.load_state_dict({name: view.detach() for name, view in net.named(theta).items()})
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(1), dtype=F64, requires_grad=True)
    close = {"rtol": 1e-9, "atol": 1e-12}
    values, theirs = net.apply(theta, x), module(x)
    torch.testing.assert_close(values, theirs, **close)
    torch.testing.assert_close(net.module(theta)(x), theirs, **close)
    (mine_x,) = grad(values.sum(), x, create_graph=True)
    (theirs_x,) = grad(theirs.sum(), x, create_graph=True)
    torch.testing.assert_close(mine_x, theirs_x, **close)
    for mine, other in ((values.sum(), theirs.sum()), (mine_x.square().sum(), theirs_x.square().sum())):
        slopes = net.named(grad(mine, theta, retain_graph=True)[0])
        wanted = grad(other, list(module.parameters()), retain_graph=True, allow_unused=True)
        for slope, part in zip(slopes.values(), wanted, strict=True):
            torch.testing.assert_close(slope, torch.zeros_like(slope) if part is None else part, **close)


def test_it_starts_as_the_bare_normalisation_on_the_weights_of_a_network_without():
    plain, net = gandyn.mlp([2, 6, 1], "relu"), gandyn.mlp([2, 6, 1], "relu", norm="layer")
    theta, without = (one.init(torch.Generator().manual_seed(3)) for one in (net, plain))
    named, bare = net.named(theta), plain.named(without)
    assert named["1.weight"].tolist() == [1.0] * 6 and named["1.bias"].tolist() == [0.0] * 6
    assert torch.equal(named["0.weight"], bare["0.weight"]) and torch.equal(named["3.weight"], bare["2.weight"])


def test_without_a_hidden_layer_it_changes_nothing_and_the_compiled_engine_takes_it():
    plain, net = gandyn.mlp([2, 1]), gandyn.mlp([2, 1], norm="layer")
    assert net.size == plain.size and list(net.named(moved(net))) == ["0.weight", "0.bias"]
    at = experiment(**{"critic.widths": (), "critic.norm": "layer"})
    assert unsupported_reason(at.game, at.rule) is None


def test_lanes_are_the_networks_one_by_one():
    net = gandyn.mlp([2, 6, 4, 1], "tanh", norm="layer")
    theta = torch.stack([moved(net, seed) for seed in range(3)])
    x = torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(2), dtype=F64)
    together = net.at(theta)(x)
    for i in range(3):
        torch.testing.assert_close(together[i], net.apply(theta[i], x[i]), rtol=1e-12, atol=1e-14)


def normalised(**controls) -> gandyn.Experiment:
    """A small game with layer normalisation in both players."""
    return experiment(**{"generator.norm": "layer", "critic.norm": "layer"}, **controls)


def test_a_step_of_both_players_is_that_of_the_losses_written_out():
    """With R1 and one update looked ahead, in torch.nn.functional alone."""
    rates = {"lr_g": 1.0, "lr_d": 0.5, "beta1": 0.0, "optimizer_g": "sgd", "optimizer_d": "sgd"}
    at = normalised(objective="non-saturating", penalty="r1", penalty_weight=0.3, unroll=1, **rates)
    game, net_g, net_d = at.game, at.game.generator, at.game.critic
    state = gandyn.init(game, 0, dtype=F64)._replace(g=moved(net_g), d=moved(net_d))
    (batch,) = gandyn.draw_batches(at, gandyn.Rng(0, 0), dtype=F64)
    new, _ = gandyn.step(game, at.rule, state, [batch], at.knobs)

    def net(parts: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        h = F.linear(x, *parts[:2])
        h = (h - h.mean(1, keepdim=True)) / (h.var(1, correction=0, keepdim=True) + 1e-5).sqrt()
        return F.linear(torch.tanh(h * parts[2] + parts[3]), *parts[4:])

    g, d = (
        [part.clone().requires_grad_() for part in one.named(theta).values()]
        for one, theta in ((net_g, state.g), (net_d, state.d))
    )
    fake, real = net(g, batch.z), batch.real.clone().requires_grad_()
    (slope,) = grad(net(d, real).sum(), real, create_graph=True)
    loss_d = F.softplus(-net(d, real)).mean() + F.softplus(net(d, fake)).mean()
    loss_d = loss_d + 0.3 / 2 * slope.square().sum(1).mean()
    slopes_d = grad(loss_d, d, create_graph=True)
    ahead = [part - 0.5 * by for part, by in zip(d, slopes_d, strict=True)]
    slopes_g = grad(F.softplus(-net(ahead, fake)).mean(), g)
    for mine, theirs in (
        (net_g.named(state.g - new.g), slopes_g),
        (net_d.named((state.d - new.d) / 0.5), slopes_d),
    ):
        for view, one in zip(mine.values(), theirs, strict=True):
            torch.testing.assert_close(view, one.detach(), rtol=1e-9, atol=1e-12)


def test_the_third_derivative_is_exact():
    """Of a look-ahead through a gradient penalty, against central differences of the generator's loss."""
    at = normalised(penalty="gradient-penalty", unroll=1, optimizer_d="sgd", beta1=0.0, lr_d=0.5)
    state = gandyn.init(at.game, 0, dtype=F64)._replace(g=moved(at.game.generator), d=moved(at.game.critic))
    (batch,) = gandyn.draw_batches(at, gandyn.Rng(0, 0), dtype=F64)
    field = GameField(at.game, at.rule, batch, at.knobs)
    way = torch.randn(state.g.shape, generator=torch.Generator().manual_seed(4), dtype=F64)
    ends = [
        field.losses(state, (state.g + s * way).requires_grad_(), state.d.clone().requires_grad_())[0].item()
        for s in (1e-6, -1e-6)
    ]
    assert float(field.at(state).v.g @ way) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-7)


def test_autograd_computes_it_and_the_compiled_engine_says_why(tmp_path):
    """And a run of it goes through a file to the same bits."""
    at = normalised()
    assert unsupported_reason(at.game, at.rule) == "the generator's layer normalisation has no compiled form"
    check_goes_through_a_file(at, tmp_path / "run")
    with pytest.raises(ValueError, match="norm 'lay' is unknown"):
        gandyn.mlp([2, 3, 1], norm="lay")
