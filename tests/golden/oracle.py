"""One step of the game once more, in the plainest autograd: lists of weight tensors, float64, nothing of gandyn.core's
mathematics. From gandyn come names and numbers only: a rule, knobs, batches, and the views of a flat vector.

Formulas: those of the papers that the registries cite; for the look-ahead Metz et al. 2017 (1611.02163), eqs. 3 to 7.
"""

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Tensors = list[Tensor]
ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky-relu": lambda x: F.leaky_relu(x, 0.2),
    "elu": F.elu,
    "softplus": F.softplus,
}


@dataclass
class Player:
    """Weights and biases in torch.nn's shapes with an optimiser's memory, all as lists."""

    forward: Callable[[Tensors, Tensor], Tensor]
    weights: Tensors
    m: Tensors
    v: Tensors
    t: int

    @staticmethod
    def of(net: Any, theta: Tensor, opt: Any) -> "Player":
        """A player of flat vectors, cut up by the views that the network offers."""
        act, scale = ACTIVATIONS[net.spec["activation"]], net.spec["input_scale"]

        def forward(weights: Tensors, x: Tensor) -> Tensor:
            x = scale * x
            for i in range(0, len(weights), 2):
                x = F.linear(act(x) if i else x, weights[i], weights[i + 1])
            return x

        cut = [[part.clone() for part in net.named(flat).values()] for flat in (theta, *memory(opt))]
        return Player(forward, *cut, int(opt.t))

    def at(self, x: Tensor, weights: Tensors | None = None) -> Tensor:
        return self.forward(self.weights if weights is None else weights, x)


def memory(opt: Any) -> tuple[Tensor, Tensor]:
    """The two vectors that an optimiser remembers; of one that has one alone, that one twice."""
    first = getattr(opt, "m", None)
    second = getattr(opt, "turned", getattr(opt, "v", None))
    known = [one for one in (first, second) if one is not None]
    return known[0], known[-1]


def losses(objective: str, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """(L_D, L_G) of the logits, with log-sigmoids for what the core writes as softplus."""
    log = F.logsigmoid
    f = -log(real).mean() - log(-fake).mean()
    match objective:
        case "minimax":
            return f, -f
        case "non-saturating" | "log-sigmoid":  # one function; they differ in what rounding does to it
            return f, -log(fake).mean()
        case "least-squares":
            return ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2, ((fake - 1) ** 2).mean() / 2
        case "hinge":
            return (1 - real).clamp(min=0).mean() + (1 + fake).clamp(min=0).mean(), -fake.mean()
        case "wasserstein":
            return fake.mean() - real.mean(), -fake.mean()
        case "relativistic":
            return -log(real - fake).mean(), -log(fake - real).mean()
        case "relativistic-average":
            e_r, e_f = real - fake.mean(), fake - real.mean()
            return -log(e_r).mean() - log(-e_f).mean(), -log(-e_r).mean() - log(e_f).mean()
        case "exponential":
            return torch.exp(-real).mean() + torch.exp(fake).mean(), torch.exp(-fake).mean()
        case "f-gan-kl":
            return -real.mean() + torch.exp(fake - 1).mean(), -torch.exp(fake - 1).mean()
        case "f-gan-reverse-kl":
            return torch.exp(-real).mean() + fake.mean() - 1, 1 - fake.mean()
        case "f-gan-pearson":
            return -real.mean() + (fake**2 / 4 + fake).mean(), -(fake**2 / 4 + fake).mean()
        case "f-gan-hellinger":
            return torch.exp(-real).mean() + torch.exp(fake).mean() - 2, 1 - torch.exp(fake).mean()
        case "f-gan-js":
            return f - math.log(4), math.log(2) + log(-fake).mean()
        case "alpha":  # at alpha = 1 for both
            return f, -f
        case "least-squares-abc":
            return ((real - 1) ** 2).mean() / 2 + ((fake + 1) ** 2).mean() / 2, (fake**2).mean() / 2
        case "energy-based":
            return -log(real).mean() + (1 + log(fake)).clamp(min=0).mean(), -log(fake).mean()
    raise NotImplementedError(objective)


def penalty(kind: str, critic: Callable[[Tensor], Tensor], fake: Tensor, batch: Any, weight: float) -> Tensor | float:
    """w P, sample by sample."""
    if kind == "none":
        return 0.0
    e = batch.mix[:, None]
    at = {"r1": batch.real, "r2": fake, "dragan": batch.real}.get(kind, e * batch.real + (1 - e) * fake)
    if kind == "dragan":
        at = at + batch.noise * batch.real.std(correction=0) / 2
    shift = torch.zeros_like(at, requires_grad=True)  # the critic's weights may depend on `at`, but not on the shift
    slopes = torch.autograd.grad(critic(at + shift).sum(), shift, create_graph=True)[0]
    if kind in ("r1", "r2"):
        return weight / 2 * (slopes**2).sum(1).mean()
    if kind == "wgan-div":
        return weight * ((slopes**2).sum(1) ** 3).mean()
    excess = torch.linalg.vector_norm(slopes, dim=1) - 1
    return weight * ((excess.clamp(min=0) if kind == "one-sided" else excess) ** 2).mean()


def optimise(name: str, player: Player, grads: Tensors, lr: float, knobs: Any) -> Player:
    """One update, weight tensor by weight tensor."""
    b1, b2, eps, t = knobs.beta1, knobs.beta2, knobs.eps, player.t + 1
    weights, ms, vs = [], [], []
    for w, g, m, v in zip(player.weights, grads, player.m, player.v, strict=True):
        if name == "sgd":
            m = b1 * m + g
            w = w - lr * m
        elif name == "rmsprop":
            v = b2 * v + (1 - b2) * g * g
            m = b1 * m + g / (torch.sqrt(v) + eps)
            w = w - lr * m
        elif name == "rmsprop-tf":
            v = b2 * v + (1 - b2) * g * g
            m = b1 * m + lr * g * torch.rsqrt(v + eps)
            w = w - m
        elif name == "adam":
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            w = w - lr * (m / (1 - b1**t)) / (torch.sqrt(v / (1 - b2**t)) + eps)
        elif name == "adam-tf":
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            w = w - lr * (1 - b2**t) ** 0.5 / (1 - b1**t) * m / (torch.sqrt(v) + eps)
        elif name == "adabelief":
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * (g - m) ** 2 + eps
            w = w - lr * m / (1 - b1**t) / (torch.sqrt(v / (1 - b2**t)) + eps)
        elif name == "lion":
            w = w - lr * torch.sign(b1 * m + (1 - b1) * g)
            m = v = b2 * m + (1 - b2) * g
        elif name == "sign-sgd":
            m = v = b1 * m + (1 - b1) * g
            w = w - lr * torch.sign(m)
        elif name == "adagrad":
            m = v = v + g * g
            w = w - lr * g / (torch.sqrt(v) + eps)
        elif name == "complex-momentum":  # m the real part, v the imaginary one
            beta = cmath.rect(b1, math.pi * b2)
            m, v = beta.real * m - beta.imag * v + g, beta.imag * m + beta.real * v
            w = w - lr * m
        else:
            raise NotImplementedError(name)
        weights, ms, vs = [*weights, w], [*ms, m], [*vs, v]
    return Player(player.forward, weights, ms, vs, t)


def move_critic(name: str, rule: Any, knobs: Any, d: Player, fake: Tensor, batch: Any, graph: bool = False):
    """(the critic after one update, its loss before it); with a graph through everything if asked for."""
    weights = d.weights if d.weights[0].requires_grad else [w.clone().requires_grad_() for w in d.weights]
    loss = losses(rule.objective, d.at(batch.real, weights)[:, 0], d.at(fake, weights)[:, 0])[0]
    loss = loss + penalty(rule.penalty, lambda x: d.at(x, weights)[:, 0], fake, batch, knobs.penalty_weight)
    grads = list(torch.autograd.grad(loss, weights, create_graph=graph))
    new = optimise(name, Player(d.forward, weights, d.m, d.v, d.t), grads, knobs.lr_d, knobs)
    if knobs.clip:
        new.weights = [w.clamp(-knobs.clip, knobs.clip) for w in new.weights]
    if not graph:
        new.weights = [w.detach() for w in new.weights]
    return new, loss.detach()


def generator_gradient(name_d: str, rule: Any, knobs: Any, g: Player, d: Player, batch: Any):
    """(the gradient of the generator's loss through its look-ahead, weight by weight, and loss, f, f_k)."""
    second = rule.unroll_order == "second"
    weights = [w.clone().requires_grad_() for w in g.weights]
    fake = g.at(batch.z, weights)
    ahead = d
    for _ in range(rule.unroll):
        ahead, _ = move_critic(name_d, rule, knobs, ahead, fake if second else fake.detach(), batch, graph=second)
    f_k, loss = losses(rule.objective, ahead.at(batch.real)[:, 0], ahead.at(fake)[:, 0])
    f = losses(rule.objective, d.at(batch.real)[:, 0], d.at(fake)[:, 0])[0]
    grads = list(torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True))
    return grads, loss.detach(), f.detach(), f_k.detach()


def step(game: Any, rule: Any, knobs: Any, state: Any, batches: Any) -> tuple[Player, Player, dict[str, Tensor]]:
    """(generator, critic, metrics) after one step, in the three orders, nobody frozen."""
    g, d = Player.of(game.generator, state.g, state.opt_g), Player.of(game.critic, state.d, state.opt_d)
    parts: dict[str, Tensor] = {}

    def critic_moves(d: Player, opponent: Player) -> Player:
        for batch in batches[: rule.critic_steps]:
            fake = opponent.at(batch.z).detach()
            d, parts["critic_loss"] = move_critic(game.optimizer_d.name, rule, knobs, d, fake, batch)
        return d

    def generator_moves(g: Player, opponent: Player) -> Player:
        for batch in batches[-rule.generator_steps :]:
            grads, loss, f, f_k = generator_gradient(game.optimizer_d.name, rule, knobs, g, opponent, batch)
            g = optimise(game.optimizer_g.name, g, grads, knobs.lr_g, knobs)
            parts.update(generator_loss=loss, f=f, f_k=f_k, gap=f - f_k)
        return g

    if rule.order == "simultaneous":
        return generator_moves(g, d), critic_moves(d, g), parts
    if rule.order == "alternating":
        d = critic_moves(d, g)
        return generator_moves(g, d), d, parts
    g = generator_moves(g, d)
    return g, critic_moves(d, g), parts


def error(net: Any, flat: Tensor, parts: Tensors) -> float:
    """The relative distance of a flat vector from a list of tensors in torch.nn's shapes."""
    mine = torch.cat([view.reshape(-1) for view in net.named(flat).values()])
    theirs = torch.cat([part.detach().reshape(-1) for part in parts])
    return float((mine - theirs).norm() / theirs.norm())
