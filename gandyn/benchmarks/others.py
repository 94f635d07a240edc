"""The look-ahead by libraries made for it: torchopt's differentiable Adam, and higher's; measured where installed.

Both as their documentation shows it: the critic stays an nn.Module, and its optimiser keeps the graph of its updates.
Both players move at once on one batch, so the critic's own update is the first of the steps ahead.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec

import torch
from torch import Tensor

from gandyn.benchmarks.baselines import Losses, Plain, set_gradients
from gandyn.core.experiment import Experiment
from gandyn.core.types import Batch, State


class ByTorchopt(Plain):
    """torchopt.MetaAdam."""

    def __init__(self, experiment: Experiment, state: State) -> None:
        super().__init__(experiment, state, shared=False)
        knobs, self.library = self.knobs, import_module("torchopt")
        betas = (knobs.beta1, knobs.beta2)
        # The moments are no leaves of the graph: nobody wants a derivative with respect to them.
        self.ahead = self.library.MetaAdam(self.d, knobs.lr_d, betas, knobs.eps, moment_requires_grad=False)

    def step(self, batches: list[Batch]) -> Losses:
        """Unrolls the critic in place by torchopt, moves the generator, and goes back to the first step ahead."""
        (batch,) = batches
        generated, first = self.g(batch.z), None
        for _ in range(self.rule.unroll):
            loss = self.d_loss(*self.critic_at(batch.real, generated))
            self.ahead.step(loss)
            if first is None:
                first = loss.detach(), [self.library.extract_state_dict(part) for part in (self.d, self.ahead)]
        assert first is not None
        d_loss, kept = first
        g_loss = self.g_loss(*self.critic_at(batch.real, generated))
        self.move_generator(g_loss)
        for part, before in zip((self.d, self.ahead), kept, strict=True):
            self.library.recover_state_dict(part, before)
            self.library.stop_gradient(part)
        return d_loss, g_loss.detach()


class ByHigher(Plain):
    """higher.innerloop_ctx over torch.optim.Adam, which moves by the gradients of the first step ahead.

    Its differentiable Adam has eps beside sqrt(v), as TensorFlow's.
    """

    def __init__(self, experiment: Experiment, state: State) -> None:
        super().__init__(experiment, state, shared=False)
        knobs, self.library = self.knobs, import_module("higher")
        self.opt_d = torch.optim.Adam(self.d_parameters, knobs.lr_d, (knobs.beta1, knobs.beta2), float(knobs.eps))

    def step(self, batches: list[Batch]) -> Losses:
        """Unrolls a copy of the critic by higher, moves the generator, and the critic by the first gradient ahead."""
        (batch,) = batches
        generated, first, losses = self.g(batch.z), [], []

        def note(grads: list[Tensor]) -> list[Tensor]:
            if not first:
                first.extend(grad.detach() for grad in grads)
            return grads

        with self.library.innerloop_ctx(self.d, self.opt_d, copy_initial_weights=False) as (critic, ahead):
            for _ in range(self.rule.unroll):
                real, fake = critic(batch.real).squeeze(-1), critic(generated).squeeze(-1)
                losses.append(self.d_loss(real, fake))
                ahead.step(losses[-1], grad_callback=note)
            g_loss = self.g_loss(critic(batch.real).squeeze(-1), critic(generated).squeeze(-1))
            self.move_generator(g_loss)
        set_gradients(self.d_parameters, first)
        self.opt_d.step()
        return losses[0].detach(), g_loss.detach()


LIBRARIES = {"torchopt": ByTorchopt, "higher": ByHigher}


def installed(name: str) -> bool:
    """Whether the library can be imported here."""
    if find_spec(name) is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            __import__(name)
    except ImportError:  # it lacks one of its own requirements
        return False
    return True
