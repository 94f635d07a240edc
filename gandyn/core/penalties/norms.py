"""Penalties of the critic's gradient with respect to its input, sample by sample. Registers nothing."""

from collections.abc import Callable

import torch
from torch import Tensor, relu

from gandyn.core.optimizers.arithmetic import safe_sqrt
from gandyn.core.types import Batch

Critic = Callable[[Tensor], Tensor]
Points = Callable[[Tensor, Tensor, Batch], Tensor]  # (real, fake, batch) -> where the gradient is taken, [B, *x]


def with_gradients(critic: Critic, x: Tensor) -> tuple[Tensor, Tensor]:
    """The critic's values [..., B], and the gradient of critic(x)[i] with respect to x[i], flattened: [..., B, n].

    Both can be differentiated again.

    With respect to a node of its own: inside a look-ahead the critic's parameters depend on the generated samples, too,
    and the slope is the one with the parameters held.
    """
    x = x.view_as(x) if x.requires_grad else x.detach().requires_grad_()
    with torch.enable_grad():
        values = critic(x)
        (grad,) = torch.autograd.grad(values.sum(), x, create_graph=True)
    return values, grad.flatten(values.ndim)


def gradients(critic: Critic, x: Tensor) -> Tensor:
    """The gradient of critic(x)[i] with respect to x[i], flattened: [..., B, n]; differentiable again."""
    return with_gradients(critic, x)[1]


def square_norms(critic: Critic, x: Tensor) -> Tensor:
    """|grad_x critic|^2 for every sample: [..., B]."""
    return gradients(critic, x).square().sum(-1)


def norms(critic: Critic, x: Tensor) -> Tensor:
    """|grad_x critic| for every sample: [..., B]; its own derivative is 0 where the gradient vanishes."""
    return safe_sqrt(square_norms(critic, x))


def two_sided(critic: Critic, x: Tensor) -> Tensor:
    """(|grad d(x)| - 1)^2: [..., B]."""
    return (norms(critic, x) - 1).square()


def one_sided(critic: Critic, x: Tensor) -> Tensor:
    """max(0, |grad d(x)| - 1)^2: [..., B]."""
    return relu(norms(critic, x) - 1).square()


def zero_centred(critic: Critic, x: Tensor) -> Tensor:
    """|grad d(x)|^2 / 2: [..., B]."""
    return 0.5 * square_norms(critic, x)


def sixth_power(critic: Critic, x: Tensor) -> Tensor:
    """|grad d(x)|^6: [..., B]."""
    return square_norms(critic, x) ** 3


def of_gradient(psi: Callable[[Critic, Tensor], Tensor], points: Points) -> Callable[..., Tensor]:
    """The loss of a penalty w E psi(grad d(x)), at the points x of each batch."""

    def loss(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor) -> Tensor:
        return weight * psi(critic, points(real, fake, batch)).mean(-1)

    return loss
