"""The penalties of critics whose slopes are known: linear and quadratic ones, on points and on image-shaped samples."""

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import norms

SHAPES = [(2,), (1, 4, 4)]


def batch(shape: tuple[int, ...], n: int = 6) -> tuple[gandyn.Batch, Tensor]:
    """A batch with all its random numbers, and generated samples."""
    draw = torch.Generator().manual_seed(0)
    real, fake, noise = (torch.randn(n, *shape, generator=draw, dtype=torch.float64) for _ in range(3))
    mix = torch.rand(n, generator=draw, dtype=torch.float64)
    return gandyn.Batch(real, torch.zeros(n, 1).double(), mix, noise.clamp(-1, 1)), fake


def value(name: str, critic, shape: tuple[int, ...], weight: float) -> float:
    the_batch, fake = batch(shape)
    return float(PENALTIES[name].loss(critic, the_batch.real, fake, the_batch, weight).detach())


SLOPES = [name for name, entry in PENALTIES.items() if name == "none" or entry.gradient_of]  # of the critic's slope
LINEAR = {  # name -> (at |w| = 5, at |w| = 1/2), both for weight 3
    "none": (0, 0),
    "gradient-penalty": (3 * 16, 3 * 0.25),
    "one-sided": (3 * 16, 0),
    "r1": (3 / 2 * 25, 3 / 2 * 0.25),
    "r2": (3 / 2 * 25, 3 / 2 * 0.25),
    "dragan": (3 * 16, 3 * 0.25),
    "wgan-div": (3 * 5**6, 3 / 2**6),
}


@pytest.mark.parametrize("name", SLOPES)
def test_a_linear_critic_on_points(name):
    """d(x) = w.x + b has the slope w everywhere."""
    net = gandyn.mlp([2, 1])
    for weights, expected in zip(([3.0, 4.0], [0.3, 0.4]), LINEAR[name], strict=True):
        theta = torch.tensor([*weights, 7.0], dtype=torch.float64)
        penalty = value(name, lambda x, theta=theta: net.apply(theta, x)[:, 0], (2,), 3)
        assert penalty == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", SLOPES)
def test_a_linear_critic_on_images(name):
    """The norm goes over all axes but the first."""
    w = torch.randn(1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for length, expected in zip((5, 0.5), LINEAR[name], strict=True):
        scaled = w * length / w.norm()
        penalty = value(name, lambda x, w=scaled: (x * w).sum((1, 2, 3)), (1, 4, 4), 3)
        assert penalty == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_norms_are_taken_sample_by_sample(shape):
    """d(x) = |x|^2 / 2 has the slope x: each sample its own, so no sum over the batch hides in the norm."""
    x = batch(shape)[0].real
    slopes = norms(lambda x: x.flatten(1).square().sum(1) / 2, x)
    torch.testing.assert_close(slopes, x.flatten(1).norm(dim=1))
    assert slopes.shape == (6,)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_where_the_slope_is_taken(shape):
    """With d(x) = c |x|^2 / 2, whose slope is c |x|, each penalty is a plain function of its points."""
    drawn, fake = batch(shape)
    real, mix, noise = drawn.real, drawn.mix, drawn.noise
    c = 1.4 / real[0].numel() ** 0.5  # slopes on both sides of 1
    e = mix.view(-1, *(1 for _ in shape))
    between, around = e * real + (1 - e) * fake, real + 0.5 * real.std(correction=0) * noise

    def mean(of, at: Tensor) -> float:
        return sum(float(of(c * point.norm())) for point in at) / len(at)

    expected = {
        "none": 0.0,
        "gradient-penalty": 2 * mean(lambda s: (s - 1) ** 2, between),
        "one-sided": 2 * mean(lambda s: max(0, s - 1) ** 2, between),
        "r1": mean(lambda s: s**2, real),
        "r2": mean(lambda s: s**2, fake),
        "dragan": 2 * mean(lambda s: (s - 1) ** 2, around),
        "wgan-div": 2 * mean(lambda s: s**6, between),
    }
    for name in SLOPES:
        penalty = value(name, lambda x: c * x.flatten(1).square().sum(1) / 2, shape, 2)
        assert penalty == pytest.approx(expected[name], rel=1e-13), name
    assert len(set(expected.values())) == len(expected)


def test_dragan_wants_its_noise():
    the_batch, fake = batch((2,))
    with pytest.raises(ValueError, match=r"^penalty 'dragan' needs batch.noise \[B, \*x\], drawn from U\(-1, 1\)$"):
        PENALTIES["dragan"].loss(lambda x: x.sum(1), the_batch.real, fake, the_batch._replace(noise=None), 1.0)


def images() -> gandyn.Game:
    """Networks written by hand on samples [1, 4, 4]: the generator is its own parameters, the critic is linear."""

    def flat(theta: Tensor) -> dict[str, Tensor]:
        return {"weight": theta}

    generator = gandyn.Net(
        16, lambda rng: torch.zeros(16), lambda theta, z: theta.view(1, 1, 4, 4).expand(len(z), 1, 4, 4), flat, None
    )
    critic = gandyn.Net(16, lambda rng: torch.zeros(16), lambda theta, x: x.flatten(1) @ theta[:, None], flat, None)
    return gandyn.Game(generator, critic, gandyn.sgd(), gandyn.sgd(), gandyn.Latent(1))


@pytest.mark.parametrize("unroll", [0, 2])
def test_a_step_on_images(unroll):
    """Wasserstein with the gradient penalty: w <- w - h (mean fake - mean real + 2 lambda (|w| - 1) w / |w|)."""
    draw, rate, weight = torch.Generator().manual_seed(2), 0.1, 0.7
    g, d = (torch.randn(16, generator=draw, dtype=torch.float64) for _ in range(2))
    the_game, (the_batch, _) = images(), batch((1, 4, 4))
    state = gandyn.State(g, d, the_game.optimizer_g.init(g), the_game.optimizer_d.init(d), g)
    rule = gandyn.Rule("wasserstein", "gradient-penalty", unroll, unroll_order="first")
    knobs = gandyn.Knobs(lr_g=rate, lr_d=rate, beta1=0, penalty_weight=weight)
    new, _ = gandyn.step(the_game, rule, state, [the_batch], knobs)

    def moved(w: Tensor) -> Tensor:
        return w - rate * (g - the_batch.real.mean(0).flatten() + 2 * weight * (w.norm() - 1) * w / w.norm())

    ahead = d
    for _ in range(unroll):
        ahead = moved(ahead)
    torch.testing.assert_close(new.d, moved(d), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(new.g, g + rate * ahead, rtol=1e-12, atol=1e-14)
