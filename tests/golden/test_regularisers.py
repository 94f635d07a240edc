"""Regularisers beside an independent computation: lists of matrices in float64, and what the papers say by hand."""

import math
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor
from torch.autograd import grad
from torch.nn import functional as F

import gandyn
from gandyn.core.penalties import PENALTIES
from tests.own_numbers import own_numbers

F64, B, W = torch.float64, 7, 0.3
HAVE_THEIR_OWN_TESTS = {"none", "gradient-penalty", "one-sided", "r1", "r2", "dragan"}  # of slopes: test_penalties.py


def networks() -> gandyn.Game:
    """A critic and a generator whose slopes are on both sides of 1."""
    generator, critic = gandyn.mlp([3, 5, 2], "tanh", gain=1.4), gandyn.mlp([2, 6, 4, 1], "tanh", gain=1.9)
    return gandyn.Game(generator, critic, gandyn.sgd(), gandyn.sgd(), gandyn.Latent(3))


def numbers(seed: int = 0) -> gandyn.Batch:
    """A minibatch with the numbers of every regulariser."""
    draw = torch.Generator().manual_seed(seed)
    normal = lambda *shape: torch.randn(*shape, generator=draw, dtype=F64)  # noqa: E731
    uniform = lambda *shape: torch.rand(*shape, generator=draw, dtype=F64)  # noqa: E731
    own = own_numbers(draw, (B,), (2,), 3)
    return gandyn.Batch(normal(B, 2), normal(B, 3), uniform(B), 2 * uniform(B, 2) - 1, own)


def by_hand(name: str, w: float, g: list[Tensor], d: list[Tensor], batch: gandyn.Batch) -> tuple[Tensor, Tensor]:
    """(L_D, L_G) of the non-saturating game with one regulariser, of weights and biases in torch.nn's shapes."""

    def net(parts: list[Tensor], x: Tensor) -> Tensor:
        for i in range(0, len(parts), 2):
            x = F.linear(torch.tanh(x) if i else x, parts[i], parts[i + 1])
        return x

    def critic(x: Tensor) -> Tensor:
        return net(d, x)[:, 0]

    def slope(x: Tensor) -> Tensor:
        x = x.clone() if x.requires_grad else x.clone().requires_grad_()
        return torch.linalg.vector_norm(grad(critic(x).sum(), x, create_graph=True)[0], dim=1)

    bare_d, fake, real, own = d, net(g, batch.z), batch.real, batch.own
    if name == "spectral-normalisation":  # the gradient of the largest singular value is u v', by torch's own norm
        d = [part / torch.linalg.matrix_norm(part, 2) if part.ndim == 2 else part for part in bare_d]
    if name == "instance-noise":
        real, fake = real + w * own.instance_noise[:, 0], fake + w * own.instance_noise[:, 1]
    if name == "augmentation":
        moved = []
        for points in (real, fake):
            rows = []
            for x, (s, r, *t) in zip(points, 2 * own.augmentation - 1, strict=True):
                angle = w * math.pi * float(r)
                turn = torch.tensor(
                    [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=F64
                )
                rows.append(math.exp(w * float(s)) * turn @ x + w * torch.stack(t))
            moved.append(torch.stack(rows))
        real, fake = moved
    at_real, at_fake = critic(real), critic(fake)
    if name == "past-samples":  # in the first step all that is kept are its own samples
        kept = fake.detach()
        seen = [kept[int(B * own.past_samples[i, 0])] if i < w * B else fake[i] for i in range(B)]
        return -F.logsigmoid(at_real).mean() - F.logsigmoid(-critic(torch.stack(seen))).mean(), -F.logsigmoid(
            at_fake
        ).mean()
    if name == "gradient-normalisation":
        at_real, at_fake = at_real / (slope(real) + at_real.abs()), at_fake / (slope(fake) + at_fake.abs())
    loss_d = -F.logsigmoid(at_real).mean() - F.logsigmoid(-at_fake).mean()
    loss_g = -F.logsigmoid(at_fake).mean()
    if name == "wgan-div":
        between = batch.mix[:, None] * real + (1 - batch.mix[:, None]) * fake.detach()
        loss_d = loss_d + w * (slope(between) ** 6).mean()
    elif name == "consistency":
        beside = real + real.std(correction=0) * batch.noise / 2
        loss_d = loss_d + w * ((critic(real) - critic(beside)) ** 2).mean()
    elif name == "lecam":  # after one step: the averages are the means that this minibatch had there
        mean_r, mean_f = at_real.mean().detach(), at_fake.mean().detach()
        loss_d = loss_d + w * (((at_real - mean_f) ** 2).mean() + ((at_fake - mean_r) ** 2).mean())
    elif name == "tikhonov":
        loss_d = loss_d + w / 2 * ((at_real**2).mean() + (at_fake**2).mean())
    elif name == "orthogonal":
        for matrix in bare_d[::2]:
            for i in range(len(matrix)):
                for j in range(len(matrix)):
                    loss_d = loss_d + (w * (matrix[i] @ matrix[j]) ** 2 if i != j else 0)
    elif name == "critic-gradient":
        f = -F.logsigmoid(critic(real)).mean() - F.logsigmoid(-critic(fake)).mean()
        loss_g = loss_g + w * sum((part**2).sum() for part in grad(f, bare_d, create_graph=True))
    elif name == "jacobian-clamping":
        for z, aside in zip(batch.z, own.jacobian_clamping, strict=True):
            q = (net(g, (z + aside / aside.norm())[None]) - net(g, z[None])).norm()
            loss_g = loss_g + w * (max(q - 20, q * 0) ** 2 + max(1 - q, q * 0) ** 2) / B
    elif name == "label-smoothing":
        loss_d = -((1 - w) * F.logsigmoid(at_real) + w * F.logsigmoid(-at_real)).mean() - F.logsigmoid(-at_fake).mean()
    elif name == "top-k":
        kept = sorted(at_fake, key=lambda one: float(one.detach()), reverse=True)[: math.ceil((1 - w) * B)]
        loss_g = -F.logsigmoid(torch.stack(kept)).mean()
    return loss_d, loss_g


REGULARISERS = [name for name in PENALTIES if name not in HAVE_THEIR_OWN_TESTS]


def step_of(name: str) -> SimpleNamespace:
    """A step of plain gradient descent at rates of 1: where it began, and by how much both players moved."""
    game, batch = networks(), numbers()
    weights = {name: W} if PENALTIES[name].numbered else {}
    knobs = gandyn.Knobs(lr_g=1.0, lr_d=1.0, beta1=0.0, weights=weights)
    state = gandyn.init(game, 5, dtype=F64)
    rule = gandyn.Rule("non-saturating", name, engine="autograd")
    new, metrics = gandyn.step(game, rule, state, [batch], knobs)
    return SimpleNamespace(game=game, batch=batch, state=state, metrics=metrics, g=state.g - new.g, d=state.d - new.d)


@pytest.mark.parametrize("name", REGULARISERS)
def test_both_gradients_are_those_of_the_losses_written_out(name):
    step = step_of(name)
    g, d = (
        [part.detach().clone().requires_grad_() for part in net.named(theta).values()]
        for net, theta in ((step.game.generator, step.state.g), (step.game.critic, step.state.d))
    )
    loss_d, loss_g = by_hand(name, W, g, d, step.batch)
    assert float(step.metrics.critic_loss) == pytest.approx(float(loss_d.detach()), rel=1e-12)
    assert float(step.metrics.generator_loss) == pytest.approx(float(loss_g.detach()), rel=1e-12)
    for mine, loss, parts, net in (
        (step.d, loss_d, d, step.game.critic),
        (step.g, loss_g, g, step.game.generator),
    ):
        theirs = grad(loss, parts, retain_graph=True)
        for view, one in zip(net.named(mine).values(), theirs, strict=True):
            torch.testing.assert_close(view, one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", REGULARISERS)
def test_each_of_them_acts_on_the_players_that_it_says(name):
    """Its players move otherwise than without it; the other one moves by the same bits."""
    plain, step, entry = step_of("none"), step_of(name), PENALTIES[name]
    assert torch.equal(plain.d, step.d) != entry.for_critic
    assert torch.equal(plain.g, step.g) != entry.for_generator
