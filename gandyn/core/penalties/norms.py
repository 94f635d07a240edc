"""Norms of the critic's gradient with respect to its input, sample by sample. Registers nothing."""

from collections.abc import Callable

import torch
from torch import Tensor

from gandyn.core.optimizers.arithmetic import safe_sqrt


def gradients(critic: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The gradient of critic(x)[i] with respect to x[i], flattened: [..., B, n]; differentiable again.

    With respect to a node of its own: inside a look-ahead the critic's parameters depend on the generated samples, too,
    and the slope is the one with the parameters held.
    """
    x = x.view_as(x) if x.requires_grad else x.detach().requires_grad_()
    with torch.enable_grad():
        values = critic(x)
        (grad,) = torch.autograd.grad(values.sum(), x, create_graph=True)
    return grad.flatten(values.ndim)


def square_norms(critic: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """|grad_x critic|^2 for every sample: [..., B]."""
    return gradients(critic, x).square().sum(-1)


def norms(critic: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """|grad_x critic| for every sample: [..., B]; its own derivative is 0 where the gradient vanishes."""
    return safe_sqrt(square_norms(critic, x))
