"""Networks that judge several samples together, against torch's own modules, numpy by hand and losses written out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd import grad
from torch.nn import functional as F

import gandyn
from gandyn.core.game_field import GameField
from gandyn.core.minibatch import DIMENSIONS, KERNELS
from gandyn.core.perceptron import ACTIVATIONS
from tests.contracts.small import experiment
from tests.golden.test_layer_normalisation import MODULES, moved

F64 = torch.float64
CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def points(*shape: int, seed: int = 1) -> torch.Tensor:
    """Standard normal numbers in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_batch_normalisation_is_torchs_in_training_mode(activation):
    """The value, its derivatives by the input and the parameters, and that of the squared input gradient."""
    net, act = gandyn.mlp([3, 5, 4, 1], activation, norm="batch"), MODULES[activation]
    module = nn.Sequential(
        nn.Linear(3, 5, bias=False), nn.BatchNorm1d(5), act(), nn.Linear(5, 4, bias=False), nn.BatchNorm1d(4), act(),
        nn.Linear(4, 1),
    ).double().train()  # fmt: skip
    theta = moved(net).requires_grad_()
    named = net.named(theta)
    assert [(name, view.shape) for name, view in named.items()] == [
        (name, part.shape) for name, part in module.named_parameters()
    ]
    module.load_state_dict({name: view.detach() for name, view in named.items()}, strict=False)
    x = points(7, 3).requires_grad_()
    values, theirs = net.apply(theta, x), module(x)
    torch.testing.assert_close(values, theirs, **CLOSE)
    torch.testing.assert_close(net.module(theta).eval()(x), theirs, **CLOSE)
    weights = points(7, 1, seed=2)
    (mine_x,), (theirs_x,) = (grad((weights * y).sum(), x, create_graph=True) for y in (values, theirs))
    torch.testing.assert_close(mine_x, theirs_x, **CLOSE)
    for mine, other in ((weights * values).sum(), (weights * theirs).sum()), (mine_x, theirs_x):
        mine, other = mine.square().sum(), other.square().sum()
        slopes = net.named(grad(mine, theta, retain_graph=True)[0])
        wanted = grad(other, list(module.parameters()), retain_graph=True, allow_unused=True)
        for slope, part in zip(slopes.values(), wanted, strict=True):
            torch.testing.assert_close(slope, torch.zeros_like(slope) if part is None else part, **CLOSE)


def test_a_generator_is_shown_with_the_statistics_of_the_reference_minibatch():
    """Torch's module in evaluation, its running statistics set to those of the reference at every layer."""
    net = gandyn.mlp([3, 5, 4, 2], "tanh", norm="batch")
    theta, reference, x = moved(net), points(64, 3), points(9, 3, seed=4)
    parts = list(net.named(theta).values())
    h, module = reference, nn.Sequential()
    for i in (0, 3):
        h = h @ parts[i].T
        normal = nn.BatchNorm1d(h.shape[1]).double().eval()
        normal.running_mean, normal.running_var = h.detach().mean(0), h.detach().var(0, correction=0)
        normal.weight.data, normal.bias.data = parts[i + 1], parts[i + 2]
        linear = nn.Linear(*parts[i].T.shape, bias=False).double()
        linear.weight.data = parts[i]
        module.extend([linear, normal, nn.Tanh()])
        h = torch.tanh(normal(h))
    wanted = F.linear(module(x), parts[6], parts[7])
    single = net.beside(theta, reference)
    torch.testing.assert_close(single(x), wanted, **CLOSE)
    torch.testing.assert_close(single(x)[3:4], single(x[3:4]), **CLOSE)  # a sample is a function of its own latent
    torch.testing.assert_close(single(reference), net.apply(theta, reference), **CLOSE)


def by_hand(h: np.ndarray, tensor: np.ndarray) -> np.ndarray:
    """Minibatch discrimination of h [B, n] with T [n, KERNELS, DIMENSIONS], loop by loop: [B, KERNELS]."""
    m = np.einsum("in,nbc->ibc", h, tensor)
    o = np.zeros((len(h), KERNELS))
    for i in range(len(h)):
        for j in range(len(h)):
            for b in range(KERNELS):
                o[i, b] += np.exp(-np.abs(m[i, b] - m[j, b]).sum())
    return o


@pytest.mark.parametrize("sizes", [[3, 5, 1], [3, 1]])
@pytest.mark.parametrize("minibatch", ["deviation", "discrimination"])
def test_the_last_layer_sees_the_minibatch_as_numpy_computes_it(minibatch, sizes):
    """And so does the torch module, its names and shapes being those of `named`."""
    net = gandyn.mlp(sizes, "tanh", minibatch=minibatch)
    theta, x = moved(net), points(6, 3)
    named = {name: view.numpy() for name, view in net.named(theta).items()}
    parts, h = list(named.values()), x.numpy()
    if len(sizes) == 3:
        h = np.tanh(h @ parts.pop(0).T + parts.pop(0))
    if minibatch == "deviation":
        one = np.mean(np.sqrt(((h - h.mean(0)) ** 2).mean(0) + 1e-8))
        more = np.full((6, 1), one)
    else:
        more = by_hand(h, parts.pop(0).T.reshape(h.shape[1], KERNELS, DIMENSIONS))
    wanted = np.concatenate([h, more], 1) @ parts[0].T + parts[1]
    np.testing.assert_allclose(net.apply(theta, x).numpy(), wanted, rtol=1e-12, atol=1e-12)
    module = net.module(theta)
    assert [(n, p.shape) for n, p in module.named_parameters()] == [(n, v.shape) for n, v in net.named(theta).items()]
    np.testing.assert_allclose(module(x).detach().numpy(), wanted, rtol=1e-12, atol=1e-12)


def test_beside_a_reference_a_sample_takes_the_place_of_the_first_one_there():
    net = gandyn.mlp([3, 5, 1], "tanh", minibatch="discrimination")
    theta, reference, x = moved(net), points(6, 3), points(4, 3, seed=5)
    alone = net.beside(theta, reference)(x)
    for one, value in zip(x, alone, strict=True):
        torch.testing.assert_close(net.apply(theta, torch.cat([one[None], reference[1:]]))[0], value, **CLOSE)
    fixed = gandyn.mlp([3, 5, 1], "tanh", minibatch="deviation")
    theta = moved(fixed)
    torch.testing.assert_close(fixed.beside(theta, reference)(reference), fixed.apply(theta, reference), **CLOSE)


def field_of(at: gandyn.Experiment) -> tuple[gandyn.State, gandyn.Batch, GameField]:
    """A state whose normalisations are not at their start, a minibatch, and the field there, all in float64."""
    game = at.game
    state = gandyn.init(game, 0, dtype=F64)._replace(g=moved(game.generator), d=moved(game.critic, 1))
    (batch,) = gandyn.draw_batches(at, gandyn.Rng(0, 0), dtype=F64)
    return state, batch, GameField(game, at.rule, batch, at.knobs)


def check(at: gandyn.Experiment, losses) -> None:
    """Both gradients, and the Jacobian times a vector, against those of losses (generator, critic, batch)."""
    state, batch, field = field_of(at)
    modules = [net.module(theta) for net, theta in ((at.game.generator, state.g), (at.game.critic, state.d))]
    v = field.at(state).v
    for net, mine, module, loss in zip(
        (at.game.generator, at.game.critic), v, modules, losses(*modules, batch), strict=True
    ):
        wanted = grad(loss, list(module.parameters()), retain_graph=True)
        for view, part in zip(net.named(mine).values(), wanted, strict=True):
            torch.testing.assert_close(view, part, **CLOSE)
    way = type(v)(points(*v.g.shape, seed=7), points(*v.d.shape, seed=8))
    product = field.differentiate(state).times(way)
    ends = [field.at(state._replace(g=state.g + s * way.g, d=state.d + s * way.d)).v for s in (1e-6, -1e-6)]
    for mine, a, b in zip(product, *ends, strict=True):
        torch.testing.assert_close(mine, (a - b) / 2e-6, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("m", [2, 4])
def test_packs_of_samples_are_the_inputs_of_the_critic(m):
    """With the gradient penalty, whose slope is that of a pack in R^(2m), and R1, in plain torch."""
    weights = {"penalty.gradient-penalty": 0.7, "penalty.r1": 0.3}
    at = experiment(objective="non-saturating", penalty="gradient-penalty+r1", **{"critic.pack": m}, **weights)
    assert at.game.critic.inputs == (2 * m,) and at.rule.batch_size == 8

    def losses(generator, critic, batch):
        fake = generator(batch.z)
        real_packs = torch.stack([batch.real[i * m : (i + 1) * m].flatten() for i in range(8 // m)])
        fake_packs = torch.stack([fake[i * m : (i + 1) * m].flatten() for i in range(8 // m)])
        loss_d = F.softplus(-critic(real_packs)).mean() + F.softplus(critic(fake_packs)).mean()
        mix = batch.mix[::m, None]
        between = (mix * real_packs + (1 - mix) * fake_packs).detach().requires_grad_()
        (slope,) = grad(critic(between).sum(), between, create_graph=True)
        loss_d = loss_d + 0.7 * (slope.norm(dim=1) - 1).square().mean()
        real = real_packs.clone().requires_grad_()
        (slope,) = grad(critic(real).sum(), real, create_graph=True)
        loss_d = loss_d + 0.3 / 2 * slope.square().sum(1).mean()
        return F.softplus(-critic(fake_packs)).mean(), loss_d

    check(at, losses)


COUPLED = [
    {"critic.norm": "batch", "generator.norm": "batch", "critic.widths": (6, 5)},
    {"critic.minibatch": "deviation"},
    {"critic.minibatch": "discrimination"},
    {"critic.pack": 2, "critic.minibatch": "deviation", "critic.norm": "batch", "critic.widths": (6, 5)},
]


@pytest.mark.parametrize("controls", COUPLED, ids=lambda case: "-".join(map(str, case.values())))
def test_real_and_generated_samples_are_a_minibatch_each(controls):
    """Both players' gradients under relativistic pairs, by torch modules that are called once for each minibatch."""
    at, m = experiment(objective="relativistic", **controls), controls.get("critic.pack", 1)

    def losses(generator, critic, batch):
        fake = critic(generator(batch.z).view(8 // m, 2 * m))
        real = critic(batch.real.view(8 // m, 2 * m))
        return F.softplus(real - fake).mean(), F.softplus(fake - real).mean()

    check(at, losses)


def test_with_the_numbers_of_one_a_pack_is_a_sample():
    """pack = 1 is the critic as it was, bit for bit."""
    plain, one = experiment(), experiment(**{"critic.pack": 1, "critic.minibatch": "none"})
    assert one.game is experiment().game or one.values() == plain.values()
    assert torch.equal(gandyn.play(plain).__next__()[0].d, gandyn.play(one).__next__()[0].d)


REFUSED = [
    ({"critic.pack": 3}, "batch_size 8 makes no whole packs of 3 samples (critic.pack): take 6 or 9"),
    ({"critic.pack": 8, "batch_size": 4}, "batch_size 4 makes no whole packs of 8 samples (critic.pack): take 8"),
    (
        {"critic.minibatch": "deviation", "batch_size": 1},
        "critic.minibatch=deviation needs a minibatch of 2 or more: batch_size is 1",
    ),
    (
        {"critic.minibatch": "discrimination", "batch_size": 2048},
        "critic.minibatch=discrimination compares every two of at most 1024 samples: batch_size is 2048",
    ),
    (
        {"critic.norm": "batch", "critic.widths": (6, 5), "penalty": "r1"},
        "penalty r1 cannot be combined with critic.norm=batch: it takes the critic's slope at each sample by itself, "
        "and that critic judges a minibatch as a whole; it can be with critic.norm=layer",
    ),
    (
        {"critic.minibatch": "deviation", "penalty": "lecam+gradient-normalisation"},
        "penalty gradient-normalisation cannot be combined with critic.minibatch=deviation: it takes the critic's "
        "slope at each sample by itself, and that critic judges a minibatch as a whole; it can be with critic.pack",
    ),
]


@pytest.mark.parametrize(("controls", "line"), REFUSED, ids=[line[:40] for _, line in REFUSED])
def test_what_does_not_go_together_is_refused_in_one_line(controls, line):
    with pytest.raises(ValueError) as refused:
        experiment(**controls)
    assert str(refused.value) == line


def test_a_critic_whose_first_layer_would_hide_where_samples_lie_is_refused():
    """By the step, too, which may be asked without an experiment."""
    at = experiment()
    game = at.game._replace(critic=gandyn.mlp([2, 6, 5, 1], norm="batch"))
    state, batches = gandyn.init(game, 0), gandyn.draw_batches(at, gandyn.Rng(0, 0))
    with pytest.raises(ValueError, match="norm_from=2"):
        gandyn.step(game, at.rule, state, batches, at.knobs)
    with pytest.raises(ValueError, match="a generator makes samples one by one"):
        replace(at, game=at.game._replace(generator=gandyn.mlp([3, 5, 2], pack=3)))
    x = points(6, 2)
    net = game.critic
    theta = moved(net)
    torch.testing.assert_close(net.apply(theta, x), net.apply(theta, x + 3), **CLOSE)  # and this is why
