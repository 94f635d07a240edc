"""The formulas of docs/maths.md, written down once more in NumPy, give the gradients of autograd in float64."""

import numpy as np
import pytest
import torch
from torch import from_numpy

import gandyn
from gandyn.core.critic_update import update_critic
from gandyn.core.field import generator_gradient
from gandyn.core.moving import PlayerState
from gandyn.core.types import Batch, Latent

SIZES_G, SIZES_D, SCALE, SAMPLES, AHEAD = (3, 7, 2), (2, 9, 6, 1), 0.7, 70, 2
KNOBS = gandyn.Knobs(0.02, 0.02, beta1=0.5, beta2=0.9, eps=1e-2, penalty_weight=0.7, clip=0.6)
#: phi, phi' and phi'' / phi' as functions of h = phi(a)
ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - h**2, lambda h: -2 * h),
    "relu": (lambda a: np.maximum(a, 0), lambda h: 1.0 * (h > 0), lambda h: 0 * h),
    "leaky-relu": (lambda a: np.where(a > 0, a, 0.2 * a), lambda h: np.where(h > 0, 1, 0.2), lambda h: 0 * h),
    "elu": (lambda a: np.where(a > 0, a, np.expm1(a)), lambda h: np.where(h > 0, 1, h + 1), lambda h: 1.0 * (h < 0)),
    "softplus": (lambda a: np.log1p(np.exp(a)), lambda h: 1 - np.exp(-h), lambda h: np.exp(-h)),
}


def sigma(y):
    return 1 / (1 + np.exp(-y))


def bell(y):
    return sigma(y) * sigma(-y)


#: B times the cotangents of the critic's and of the generator's loss, and the curvature of the critic's
OBJECTIVES = {
    "minimax": (lambda r, g: (-sigma(-r), sigma(g)), lambda r, g: (sigma(-r), -sigma(g)), None),
    "non-saturating": (lambda r, g: (-sigma(-r), sigma(g)), lambda r, g: (0 * r, -sigma(-g)), None),
    "log-sigmoid": (lambda r, g: (sigma(r) - 1, sigma(g)), lambda r, g: (0 * r, sigma(g) - 1), None),
    "least-squares": (lambda r, g: (r - 1, g), lambda r, g: (0 * r, g - 1), lambda r, g, dr, dg: (dr, dg)),
    "hinge": (
        lambda r, g: (-1.0 * (r < 1), 1.0 * (g > -1)), lambda r, g: (0 * r, 0 * g - 1),
        lambda r, g, dr, dg: (0 * dr, 0 * dg),
    ),
    "wasserstein": (
        lambda r, g: (0 * r - 1, 0 * g + 1), lambda r, g: (0 * r, 0 * g - 1), lambda r, g, dr, dg: (0 * dr, 0 * dg)
    ),
    "relativistic": (
        lambda r, g: (-sigma(g - r), sigma(g - r)), lambda r, g: (sigma(r - g), -sigma(r - g)),
        lambda r, g, dr, dg: (bell(r - g) * (dr - dg), -bell(r - g) * (dr - dg)),
    ),
}  # fmt: skip
PENALTIES = ("gradient-penalty", "one-sided", "r1", "r2", "dragan", "wgan-div")


class Perceptron:
    """Passes of one network over samples, values [n_l, B]."""

    def __init__(self, sizes, scale, activation):
        self.sizes, self.scale = sizes, scale
        self.phi, self.slope, self.bend = ACTIVATIONS[activation]

    def layers(self, theta):
        place = 0
        for n_in, n in zip(self.sizes[:-1], self.sizes[1:], strict=True):
            bias = place + n_in * n
            yield theta[place:bias].reshape(n_in, n), theta[bias : bias + n, None]
            place = bias + n

    def forward(self, theta, x):
        h = [self.scale * x.T]
        for weight, bias in self.layers(theta):
            a = weight.T @ h[-1] + bias
            h.append(self.phi(a) if len(h) < len(self.sizes) - 1 else a)
        return h

    def backward(self, theta, h, delta):
        out = [delta]
        for layer, (weight, _) in reversed(list(enumerate(self.layers(theta)))):
            u = weight @ out[0]
            out.insert(0, self.slope(h[layer]) * u if layer else self.scale * u)
        return out

    def gradient(self, h, delta, ones=1):
        """Of weights and biases; `ones`: what a bias is multiplied by, 0 in a tangent of h."""
        pairs = zip(h[:-1], delta[1:], strict=True)
        return np.concatenate([np.append((x @ d.T).ravel(), ones * d.sum(1)) for x, d in pairs])

    def hessian_product(self, theta, direction, h, delta, moved, curvature):
        """(R of the gradient, R of the input's cotangent); moved: R[h_0], curvature: R[a_L] -> R[delta_L]."""
        both = list(zip(self.layers(theta), self.layers(direction), strict=True))
        tangents, r_h = [moved], [moved]
        for layer, ((weight, _), (v, c)) in enumerate(both, 1):
            tangents.append(v.T @ h[layer - 1] + c + weight.T @ r_h[-1])
            r_h.append(self.slope(h[layer]) * tangents[-1])
        r_delta = [curvature(tangents[-1])]
        for layer, ((weight, _), (v, _)) in reversed(list(enumerate(both))):
            r_u = weight @ r_delta[0] + v @ delta[layer + 1]
            bent = self.bend(h[layer]) * tangents[layer] * delta[layer]
            r_delta.insert(0, self.slope(h[layer]) * r_u + bent if layer else self.scale * r_u)
        return self.gradient(h, r_delta) + self.gradient(r_h, delta, 0), r_delta[0]


def adam_numbers(kind, t):
    correction = np.sqrt(1 - KNOBS.beta2**t)
    return KNOBS.lr_d * correction / (1 - KNOBS.beta1**t), KNOBS.eps * (correction if kind == "adam" else 1)


def update(kind, theta, m, v, t, g):
    lr, beta1, beta2, eps = KNOBS.lr_d, KNOBS.beta1, KNOBS.beta2, KNOBS.eps
    if kind == "sgd":
        m = beta1 * m + g
        return theta - lr * m, m, v
    v = beta2 * v + (1 - beta2) * g**2
    if kind == "rmsprop":
        m = beta1 * m + g / (np.sqrt(v) + eps)
        return theta - lr * m, m, v
    if kind == "rmsprop-tf":
        m = beta1 * m + lr * g / np.sqrt(v + eps)
        return theta - m, m, v
    m, (alpha, small) = beta1 * m + (1 - beta1) * g, adam_numbers(kind, t)
    return theta - alpha * m / (np.sqrt(v) + small), m, v


def adjoint(kind, t, g, m, v, bar, bar_m, bar_v):
    """(the cotangents of the old m and v, and that of the gradient)."""
    lr, beta1, beta2, eps = KNOBS.lr_d, KNOBS.beta1, KNOBS.beta2, KNOBS.eps
    square = 2 * (1 - beta2) * g
    if kind == "sgd":
        bar_m = bar_m - lr * bar
        out = bar_m
    elif kind == "rmsprop":
        q, bar_m = np.sqrt(v) + eps, bar_m - lr * bar
        bar_v = bar_v - bar_m * g / (2 * np.sqrt(v) * q**2)
        out = bar_m / q + square * bar_v
    elif kind == "rmsprop-tf":
        q, bar_m = np.sqrt(v + eps), bar_m - bar
        bar_v = bar_v - lr * bar_m * g / (2 * q**3)
        out = lr * bar_m / q + square * bar_v
    else:
        alpha, small = adam_numbers(kind, t)
        q = np.sqrt(v) + small
        bar_m, bar_v = bar_m - alpha * bar / q, bar_v + alpha * bar * m / (2 * np.sqrt(v) * q**2)
        out = (1 - beta1) * bar_m + square * bar_v
    return beta1 * bar_m, beta2 * bar_v, out


def split(values):
    return values[0, :SAMPLES], values[0, SAMPLES:]


def joined(pair):
    return np.concatenate(pair)[None] / SAMPLES


def game_of(kind, activation):
    optimizer = gandyn.optimizers()[kind]
    nets = gandyn.mlp(SIZES_G, activation), gandyn.mlp(SIZES_D, activation, input_scale=SCALE)
    return gandyn.Game(*nets, optimizer, optimizer, Latent(SIZES_G[0]))


def point(game, rng, t):
    """(g, d, the critic's m and v, its optimiser's state after t updates), all float64 and away from 0."""
    state = gandyn.init(game, 3, dtype=torch.float64)
    g, d = (theta.numpy() + 0.1 * rng.normal(size=len(theta)) for theta in (state.g, state.d))
    m, v = 0.1 * rng.normal(size=len(d)), 0.01 * (1 + rng.uniform(size=len(d)))
    moments = {name: from_numpy(x) for name, x in (("m", m), ("v", v)) if hasattr(state.opt_d, name)}
    return g, d, m, v, state.opt_d._replace(t=torch.full_like(state.opt_d.t, t), **moments)


def relative(value, expected):
    return np.linalg.norm(value - expected) / max(np.linalg.norm(expected), 1e-12)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", ["sgd", "rmsprop", "rmsprop-tf", "adam", "adam-tf"])
def test_the_generators_gradient_through_the_look_ahead(kind, activation, objective):
    rng, start = np.random.default_rng(1), 4
    game, generator = game_of(kind, activation), Perceptron(SIZES_G, 1, activation)
    critic = Perceptron(SIZES_D, SCALE, activation)
    g, d, m, v, opt = point(game, rng, start)
    real, z = rng.normal(size=(SAMPLES, 2)), rng.normal(size=(SAMPLES, 3))
    of_critic, of_generator, curvature = OBJECTIVES[objective]
    curvature = curvature or (lambda r, g, dr, dg: (bell(r) * dr, bell(g) * dg))

    h_g = generator.forward(g, z)
    x = np.concatenate([real, h_g[-1].T])
    theta, past = d, []
    for j in range(AHEAD):
        h = critic.forward(theta, x)
        delta = critic.backward(theta, h, joined(of_critic(*split(h[-1]))))
        gradient = critic.gradient(h, delta)
        unclipped, m, v = update(kind, theta, m, v, start + j + 1, gradient)
        past.append((theta, h, delta, gradient, unclipped, m, v))
        theta = np.clip(unclipped, -KNOBS.clip, KNOBS.clip)
    h = critic.forward(theta, x)
    delta = critic.backward(theta, h, joined(of_generator(*split(h[-1]))))
    bar, fake = critic.gradient(h, delta), delta[0][:, SAMPLES:]
    bar_m = bar_v = np.zeros_like(d)
    for j in reversed(range(AHEAD)):
        theta, h, delta, gradient, unclipped, m, v = past[j]
        bar = bar * (abs(unclipped) <= KNOBS.clip)
        bar_m, bar_v, direction = adjoint(kind, start + j + 1, gradient, m, v, bar, bar_m, bar_v)
        logits = split(h[-1])
        product, mixed = critic.hessian_product(
            theta, direction, h, delta, 0 * h[0], lambda dot, at=logits: joined(curvature(*at, *split(dot)))
        )
        bar, fake = bar + product, fake + mixed[:, SAMPLES:]
    result = generator.gradient(h_g, generator.backward(g, h_g, fake))

    batch = Batch(from_numpy(real), from_numpy(z), torch.zeros(SAMPLES, dtype=torch.float64))
    rule = gandyn.Rule(objective, unroll=AHEAD, engine="autograd")
    expected, _ = generator_gradient(game, rule, from_numpy(g), PlayerState(from_numpy(d), opt), batch, KNOBS)
    assert relative(result, expected.numpy()) < 1e-12


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_a_penaltys_gradient_is_a_tangent_of_the_critics_own(penalty, activation):
    rng, game, critic = np.random.default_rng(2), game_of("sgd", activation), Perceptron(SIZES_D, SCALE, activation)
    _, d, _, _, opt = point(game, rng, 0)
    d = 2 * d  # slopes on both sides of 1
    real, fake = rng.normal(size=(2, SAMPLES, 2))
    mix, noise = rng.uniform(size=SAMPLES), rng.uniform(-1, 1, size=(SAMPLES, 2))
    points = {"r1": real, "r2": fake, "dragan": real + real.std() * noise / 2}
    x = points.get(penalty, mix[:, None] * real + (1 - mix[:, None]) * fake)

    h = critic.forward(d, x)
    delta = critic.backward(d, h, np.ones((1, SAMPLES)))
    norm = np.linalg.norm(delta[0], axis=0)
    excess = np.maximum(norm - 1, 0) if penalty == "one-sided" else norm - 1
    factors = {"r1": 1.0, "r2": 1.0, "wgan-div": 6 * norm**4}  # of the gradient: what psi's derivative is
    cotangent = KNOBS.penalty_weight / SAMPLES * factors.get(penalty, 2 * excess / norm) * delta[0]
    result, _ = critic.hessian_product(d, 0 * d, h, delta, SCALE * cotangent, lambda dot: 0 * dot)

    batch = Batch(*map(from_numpy, (real, np.zeros((SAMPLES, 3)), mix, noise)))
    player, rule = PlayerState(from_numpy(d), opt), gandyn.Rule("wasserstein", penalty, engine="autograd")
    whole, bare = (
        update_critic(game, one, player, from_numpy(fake), batch, KNOBS).grad
        for one in (rule, rule._replace(penalty="none"))
    )
    assert relative(result, (whole - bare).numpy()) < 1e-12 and relative(result, 0 * result) > 1
