"""One pass of a perceptron over R rows, forwards and backwards, by hand.

The layers are i = 0..L; h_0 is the scaled input, a_i = h_i W_i + b_i, h_(i+1) = phi(a_i), and y = a_L is the output
before its nonlinearity. A bar is an adjoint (the derivative of the scalar that is differentiated): u_i of h_i, delta_i
of a_i. phi' and phi'' are functions of h, so nothing but h is kept. docs/maths.md has the same in formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import leaky_relu_

from gandyn.core.fused.backend import NEVER, Backend
from gandyn.core.fused.products import Products, tanh_of
from gandyn.core.nets import LEAK
from gandyn.core.types import Perceptron

ACTIVATIONS = ("tanh", "relu", "leaky-relu")
aten = torch.ops.aten


class Layer(NamedTuple):
    """Views of a parameter vector: the weight [.., in, out] and the bias, [out] or [N, 1, out]."""

    weight: Tensor
    bias: Tensor | None


def layers_of(net: Perceptron, theta: Tensor) -> list[Layer]:
    """Its layers as views of theta [P] or [N, P]."""
    lead, strides, at = theta.shape[:-1], theta.stride()[:-1], theta.storage_offset()
    found = []
    for n_in, n_out in zip(net.sizes[:-1], net.sizes[1:], strict=True):
        weight = theta.as_strided((*lead, n_in, n_out), (*strides, n_out, 1), at)
        at += n_in * n_out
        if not net.bias:
            found.append(Layer(weight, None))
            continue
        shape, steps = ((*lead, 1, n_out), (*strides, n_out, 1)) if lead else ((n_out,), (1,))
        found.append(Layer(weight, theta.as_strided(shape, steps, at)))
        at += n_out
    return found


class Parameters:
    """A vector of parameters, or a gradient, in memory of its own [.., P], and its layers."""

    def __init__(self, net: Perceptron, like: Tensor) -> None:
        self.flat = torch.empty_like(like)
        self.layers = layers_of(net, self.flat)

    def load(self, theta: Tensor) -> list[Layer]:
        """The layers, after copying: cheaper than new views."""
        self.flat.copy_(theta)
        return self.layers


def _tanh_slope(u: Tensor, h: Tensor, out: Tensor) -> Tensor:
    return aten.tanh_backward.grad_input(u, h, grad_input=out)


def _relu_slope(u: Tensor, h: Tensor, out: Tensor) -> Tensor:
    return aten.threshold_backward.grad_input(u, h, 0, grad_input=out)


def _leaky_slope(u: Tensor, h: Tensor, out: Tensor) -> Tensor:
    return aten.leaky_relu_backward.grad_input(u, h, LEAK, True, grad_input=out)


SLOPES = {"tanh": _tanh_slope, "relu": _relu_slope, "leaky-relu": _leaky_slope}


class Tape:
    """The memory of one pass, written again at every pass: whoever keeps something of it must copy it."""

    def __init__(self, net: Perceptron, rows: int, lanes: int | None, like: Tensor, backend: Backend) -> None:
        self.net, self.last = net, len(net.sizes) - 2
        theirs = like.device.type == "cpu" and like.dtype == torch.float32  # what oneDNN multiplies
        self.products = Products(lanes is not None, backend.onednn_from if theirs else NEVER, backend.flag and theirs)
        tanh = tanh_of(backend.tanh, like.device)
        activation = net.activation if net.activation in ACTIVATIONS else "tanh"  # one that has no layer to follow
        self.activate: Callable[[Tensor], Tensor] = {
            "tanh": tanh,
            "relu": torch.relu_,
            "leaky-relu": lambda x: leaky_relu_(x, LEAK),
        }[activation]
        #: phi'(h) * u into `out`
        self.slope = SLOPES[activation]
        self.curved = activation == "tanh"
        lead = () if lanes is None else (lanes,)

        def buffers(sizes: Sequence[int]) -> list[Tensor]:
            return [like.new_empty((*lead, rows, n)) for n in sizes]

        self.scaled = like.new_empty((*lead, rows, net.sizes[0]))
        self._a, self._u = buffers(net.sizes[1:]), buffers(net.sizes[:-1])
        self._delta = buffers(net.sizes[1:])
        for found in (self._a, self._delta):
            if self.products.narrow(net.sizes[-1]):
                found[-1] = like.new_empty((*lead, net.sizes[-1], rows)).mT
        self._tangent, self._adjoint, self._mixed = (buffers(net.sizes[:-1]) for _ in range(3))
        self.seed = self._delta[-1]  # delta_L: whoever calls `backward` writes it
        self.halves = (slice(None, rows // 2), slice(rows // 2, None))  # real, generated: of a pass over both
        self.seeds = self.pair(self.seed)
        self._logits = self.pair(self._a[-1])
        self.h: list[Tensor] = []
        self.u: list[Tensor] = self._u[:]
        self.delta: list[Tensor] = self._delta[:]

    def forward(self, layers: Sequence[Layer], x: Tensor) -> Tensor:
        """y [.., R, out], before the output's nonlinearity."""
        scale = self.net.input_scale
        h = x if scale == 1 else torch.mul(x, scale, out=self.scaled)
        self.h = [h]
        for i, (weight, bias) in enumerate(layers):
            h = self.products.affine(h, weight, bias, self._a[i])
            if i < self.last:
                self.h.append(self.activate(h))
        return h

    def pair(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """The first output at real and at generated samples, of y [.., R, out] over both: [.., R / 2] each."""
        real, fake = self.halves
        return y[..., real, 0], y[..., fake, 0]

    def logits(self, layers: Sequence[Layer], x: Tensor) -> tuple[Tensor, Tensor]:
        """A critic's forward pass over both: `pair` of y."""
        y = self.forward(layers, x)
        return self._logits if y is self._a[-1] else self.pair(y)

    def plant(self, real: Tensor, fake: Tensor) -> None:
        """2 / R times these values as the seed of a pass over both."""
        share = 1 / real.shape[-1]
        torch.mul(real, share, out=self.seeds[0])
        torch.mul(fake, share, out=self.seeds[1])

    def backward(self, layers: Sequence[Layer], grads: Sequence[Layer] | None, *, inputs: bool) -> Tensor | None:
        """From `seed`: h_i^T delta_i and column sums of delta_i into `grads`; the inputs' u_0 if it is wanted."""
        for i in range(self.last, -1, -1):
            delta, (weight, _) = self.delta[i], layers[i]
            if grads is not None:
                self._collect(grads[i], self.h[i], delta)
            if i == 0 and not inputs:
                return None
            self.u[i] = self.products.back(delta, weight, self._u[i])
            if i:
                self.delta[i - 1] = self.slope(self.u[i], self.h[i], self._delta[i - 1])
        return self._unscaled(self.u[0])

    def _collect(self, grad: Layer, h: Tensor, delta: Tensor) -> None:
        self.products.gradient(h, delta, grad.weight)
        if grad.bias is not None:
            torch.sum(delta, -2, keepdim=grad.bias.ndim > 1, out=grad.bias)

    def _unscaled(self, u: Tensor) -> Tensor:
        return u if self.net.input_scale == 1 else u.mul_(self.net.input_scale)

    def generated_adjoint(self, layers: Sequence[Layer]) -> Tensor:
        """u_0 of the generated samples, from what `backward` left."""
        u = torch.matmul(self.delta[0][..., self.halves[1], :], layers[0].weight.mT)
        return self._unscaled(u)

    def generated_half(self, other: Tape) -> Tape:
        """`other`, a tape of half as many rows, as if it had made the forward pass of the generated samples."""
        other.h = [h[..., self.halves[1], :] for h in self.h]
        return other

    def slope_gradient(self, layers: Sequence[Layer], r: Tensor, grads: Sequence[Layer]) -> None:
        """Add the gradient of sum_i <r_i, du_i>: u_0 = d(sum of seeds y) / dx as the parameters move, r held fixed.

        After `backward` with inputs; the seeds are constants. The tangent of y along dx = r is swept backwards, where
        the adjoint of the tangent of h_i is u_i and that of a_i's is delta_i, both known.
        """
        products, scale = self.products, self.net.input_scale
        dot = self._tangent
        dot[0] = r if scale == 1 else r * scale
        for i in range(self.last):
            a = products.affine(dot[i], layers[i].weight, None, self._adjoint[i + 1])
            dot[i + 1] = self.slope(a, self.h[i + 1], self._mixed[i + 1])
        for i in range(self.last + 1):
            products.gradient(dot[i], self.delta[i], grads[i].weight, add=True)
        if not self.curved:
            return
        bar: Tensor | None = None
        for i in range(self.last - 1, -1, -1):
            h = self.h[i + 1]
            own = torch.mul(h, dot[i + 1], out=self._adjoint[i + 1]).mul_(self.u[i + 1]).mul_(-2)
            if bar is not None:
                back = products.back(bar, layers[i + 1].weight, self._mixed[i + 1])
                own.add_(self.slope(back, h, back))
            bar = own
            products.gradient(self.h[i], bar, grads[i].weight, add=True)
            if (bias := grads[i].bias) is not None:
                bias.add_(bar.sum(-2, keepdim=bias.ndim > 1))

    def hessian_product(
        self,
        layers: Sequence[Layer],
        along: Sequence[Layer],
        curvature: Callable[[Tensor], Tensor],
        grads: Sequence[Layer],
    ) -> Tensor:
        """How the gradient moves as the parameters move `along`, into `grads`; how u_0 of the generated samples moves.

        After `backward`. `curvature` gives the motion of the seeds from the motion of y. Ref: the R-operator of
        Pearlmutter 1994, "Fast exact multiplication by the Hessian".
        """
        products, moved = self.products, self._tangent

        def motion(i: int, out: Tensor) -> Tensor:
            """Of a_i."""
            a = products.affine(self.h[i], along[i].weight, along[i].bias, out)
            return products.add_affine(a, moved[i], layers[i].weight) if i else a

        for i in range(self.last):
            moved[i + 1] = self.slope(motion(i, self._adjoint[i + 1]), self.h[i + 1], self._mixed[i + 1])
        delta = curvature(motion(self.last, torch.empty_like(self.seed)))
        for i in range(self.last, 0, -1):
            self._collect(grads[i], self.h[i], delta)
            products.gradient(moved[i], self.delta[i], grads[i].weight, add=True)
            u = products.back(delta, layers[i].weight, self._adjoint[i])
            u = products.add_back(u, self.delta[i], along[i].weight)
            delta = self.slope(u, self.h[i], u)
            if self.curved:
                delta.addcmul_(torch.mul(self.h[i], moved[i], out=moved[i]), self.u[i], value=-2)
        self._collect(grads[0], self.h[0], delta)
        generated = self.halves[1]
        u = torch.matmul(delta[..., generated, :], layers[0].weight.mT)
        u += torch.matmul(self.delta[0][..., generated, :], along[0].weight.mT)
        return self._unscaled(u)
