"""The same training in JAX on one core: jit, lax.scan over steps, vmap over lanes; gradients, look-ahead too, by grad.

A program for an interpreter that has jax and need not have gandyn: it reads requests, pickled, from its standard input
and answers on its standard output. The first is a game's settings (jax_process.py says which), the others are those of
`Training`. Numbers are drawn inside the compiled steps, by jax's default generator.
"""

import os
import pickle
import sys
import time
from functools import partial

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"  # before jax: one core
os.environ["JAX_TRACEBACK_FILTERING"] = "off"  # so that the last line of a failure says what it is
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
from jax.nn import softplus

map_trees = jax.tree_util.tree_map
ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def cross_entropy(real, fake):
    """E softplus(-d_r) + E softplus(d_f): the cross entropy of logits [B]."""
    return softplus(-real).mean() + softplus(fake).mean()


LOSSES = {  # the critic's and the generator's, of the critic's values at real and at generated samples
    "minimax": (cross_entropy, lambda real, fake: -cross_entropy(real, fake)),
    "non-saturating": (cross_entropy, lambda real, fake: softplus(-fake).mean()),
    "wasserstein": (lambda real, fake: fake.mean() - real.mean(), lambda real, fake: -fake.mean()),
}


class Training:
    """Steps of one game. A point is (generator, critic, their moments, steps so far); networks are lists of (W, b)."""

    def __init__(self, settings):
        for name, value in settings.items():
            setattr(self, name, value)
        self.centres = jnp.asarray(self.centres)
        self.d_loss, self.g_loss = LOSSES[self.objective]

    def network(self, layers, x):
        """Layers (W, b) one after another at x [B, in], the activation between them."""
        for w, b in layers[:-1]:
            x = ACTIVATIONS[self.activation](x @ w + b)
        return x @ layers[-1][0] + layers[-1][1]

    def critic(self, d, x):
        """The critic's values [B] at x [B, 2]."""
        return self.network(d, self.input_scale * x)[:, 0]

    def values(self, d, real, fake):
        """The critic at both, as one batch."""
        both = self.critic(d, jnp.concatenate([real, fake]))
        return both[: len(real)], both[len(real) :]

    def objective_of_critic(self, d, real, fake, mix):
        """The critic's loss, gradient penalty included where it has a weight."""
        loss = self.d_loss(*self.values(d, real, fake))
        if self.penalty_weight:
            x = mix[:, None] * real + (1 - mix[:, None]) * fake
            slopes = jax.grad(lambda x: self.critic(d, x).sum())(x)
            loss += self.penalty_weight * jnp.square(jnp.sqrt(jnp.square(slopes).sum(1)) - 1).mean()
        return loss

    def move(self, theta, grads, moments, t, rate):
        """One update by Adam, in torch's form, or by RMSProp without momentum; t counts from 1."""
        m, v = moments
        v = map_trees(lambda v, g: self.beta2 * v + (1 - self.beta2) * g * g, v, grads)
        if self.optimizer == "rmsprop":
            return map_trees(lambda p, g, v: p - rate * g / (jnp.sqrt(v) + self.eps), theta, grads, v), (m, v)
        m = map_trees(lambda m, g: self.beta1 * m + (1 - self.beta1) * g, m, grads)
        root = jnp.sqrt(1 - self.beta2**t)
        rate = rate * root / (1 - self.beta1**t)
        # 1e-30 keeps the root's derivative finite where a unit is dead; it changes nothing else
        return map_trees(lambda p, m, v: p - rate * m / (jnp.sqrt(v + 1e-30) + self.eps * root), theta, m, v), (m, v)

    def together(self, point, batches):
        """Both players at once on one batch; with a look-ahead its first step is the critic's own update."""
        (g, d, of_g, of_d, t), (real, z, _) = point, (part[0] for part in batches)
        if self.unroll:

            def after_look_ahead(g):
                fake, at, moments, first = self.network(g, z), d, of_d, None
                for k in range(self.unroll):
                    loss, grads = jax.value_and_grad(lambda d: self.d_loss(*self.values(d, real, fake)))(at)
                    at, moments = self.move(at, grads, moments, t + 1 + k, self.lr_d)
                    first = first or (loss, at, moments)
                return self.g_loss(*self.values(at, real, fake)), first

            (g_loss, (d_loss, d_next, of_d)), g_grads = jax.value_and_grad(after_look_ahead, has_aux=True)(g)
        else:
            fake, pullback = jax.vjp(lambda g: self.network(g, z), g)
            critics = jax.value_and_grad(lambda d, x: self.d_loss(*self.values(d, real, x)), argnums=(0, 1))
            d_loss, (d_grads, slope) = critics(d, fake)
            if self.objective == "minimax":  # the generator's loss is minus the critic's: one backward pass for both
                g_loss, slope = -d_loss, -slope
            else:
                g_loss, slope = jax.value_and_grad(lambda x: self.g_loss(None, self.critic(d, x)))(fake)
            (g_grads,) = pullback(slope)
            d_next, of_d = self.move(d, d_grads, of_d, t + 1, self.lr_d)
        g, of_g = self.move(g, g_grads, of_g, t + 1, self.lr_g)
        return (g, d_next, of_g, of_d, t + 1), (d_loss, g_loss)

    def in_turn(self, point, batches):
        """The critic's updates, then one of the generator, each on a batch of its own."""
        (g, d, of_g, of_d, t), (real, z, mix) = point, batches
        n = self.critic_steps
        for i in range(n):
            fake = self.network(g, z[i])
            d_loss, grads = jax.value_and_grad(self.objective_of_critic)(d, real[i], fake, mix[i])
            d, of_d = self.move(d, grads, of_d, n * t + i + 1, self.lr_d)
            if self.clip:
                d = map_trees(lambda p: jnp.clip(p, -self.clip, self.clip), d)
        g_loss, grads = jax.value_and_grad(lambda g: self.g_loss(None, self.critic(d, self.network(g, z[n]))))(g)
        g, of_g = self.move(g, grads, of_g, t + 1, self.lr_g)
        return (g, d, of_g, of_d, t + 1), (d_loss, g_loss)

    def step(self, point, batches):
        """One step from a point, in the rule's order: (the point after it, both losses)."""
        return (self.together if self.order == "simultaneous" else self.in_turn)(point, batches)

    def draw(self, key):
        """The batches of one step: real [critic_steps, B, 2], z [updates, B, nz], mix [critic_steps, B]."""
        n, updates = self.critic_steps, self.critic_steps + (self.order != "simultaneous")
        of_modes, of_noise, of_latents, of_mix = jax.random.split(key, 4)
        real = self.centres[jax.random.randint(of_modes, (n, self.batch), 0, len(self.centres))]
        real += self.sigma * jax.random.normal(of_noise, (n, self.batch, 2))
        z = jax.random.normal(of_latents, (updates, self.batch, self.latent))
        return real, z, jax.random.uniform(of_mix, (n, self.batch)) if self.penalty_weight else jnp.zeros((n, 0))

    def start(self, g, d):
        """The point at step 0 of these parameters."""
        g, d = (map_trees(jnp.asarray, layers) for layers in (g, d))
        moments = [(map_trees(jnp.zeros_like, x), map_trees(jnp.zeros_like, x)) for x in (g, d)]
        return g, d, *moments, jnp.zeros(())

    def take(self, g, d, steps):
        """Given batches' steps in float64, by the same function that is timed: (the losses, the parameters)."""
        with jax.enable_x64(True):
            point, losses = self.start(g, d), []
            for batches in steps:
                point, each = jax.jit(self.step)(point, map_trees(jnp.asarray, batches))
                losses.append([float(loss) for loss in each])
            return losses, jax.device_get(point[:2])

    def prepare(self, g, d, lanes, chunk):
        """Compile `chunk` steps a call, from these float32 parameters, of `lanes` GANs (None: one without an axis)."""
        self.chunk = chunk

        def one(carry, _):
            point, key = carry
            key, step_key = jax.random.split(key)
            point, losses = self.step(point, self.draw(step_key))
            return (point, key), losses

        def run(carry):
            return jax.lax.scan(one, carry, length=chunk)

        start, key = self.start, jax.random.key(0)
        if lanes is not None:
            run, start, key = jax.vmap(run), jax.vmap(start), jax.random.split(key, lanes)
        self.run, self.carry = jax.jit(run, donate_argnums=0), (start(g, d), key)
        self.advance(1)

    def advance(self, n):
        """About n steps: (how many, seconds of CPU time of this process)."""
        began, calls = time.process_time(), -(-n // self.chunk)
        for _ in range(calls):
            self.carry, losses = self.run(self.carry)
        jax.block_until_ready((self.carry, losses))
        return calls * self.chunk, time.process_time() - began


def serve():
    """Answer pickled requests (method, arguments) on stdin by pickles on stdout, until it is closed."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    reply = partial(pickle.dump, file=answers)
    training = Training(pickle.load(requests))
    reply(jax.__version__)
    answers.flush()
    while True:
        try:
            name, arguments = pickle.load(requests)
        except EOFError:
            return
        reply(getattr(training, name)(*arguments))
        answers.flush()


if __name__ == "__main__":
    serve()
