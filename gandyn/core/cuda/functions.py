"""Activations and objectives of blocks of numbers, for Triton kernels; exact also where the critic is sure."""

import triton
import triton.language as tl

from gandyn.core.cuda.names import OBJECTIVES
from gandyn.core.native.networks import FUNCTIONS

TANH, RELU, LEAKY, ELU, SOFTPLUS, SIGMOID, LINEAR = (tl.constexpr(i) for i in range(len(FUNCTIONS)))
LEAK = tl.constexpr(0.2)
MINIMAX, NON_SATURATING, WASSERSTEIN, HINGE, LEAST_SQUARES, RELATIVISTIC = (
    tl.constexpr(i) for i in range(len(OBJECTIVES))
)


@triton.jit
def sigmoid(x):
    """1 / (1 + e^-x), with all digits at both ends."""
    small = tl.exp(-tl.abs(x))
    return tl.where(x > 0, 1.0, small) / (1.0 + small)


@triton.jit
def softplus(x):
    """ln(1 + e^x)."""
    return tl.where(x > 0, x, 0.0) + tl.log(1.0 + tl.exp(-tl.abs(x)))


@triton.jit
def tanh(x):
    """The hyperbolic tangent; a polynomial near 0, where e^2x - 1 would lose its digits in float32: Cephes 2.2."""
    small = tl.exp(-2.0 * tl.abs(x))
    far = (1.0 - small) / (1.0 + small)
    far = tl.where(x < 0, -far, far)
    if x.dtype == tl.float64:
        return far
    z = x * x
    p = ((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z + 1.33314422036e-1
    near = (p * z - 3.33332819422e-1) * z * x + x
    return tl.where(tl.abs(x) < 0.625, near, far)


@triton.jit
def activate(a, KIND: tl.constexpr):
    """phi(a); NaN stays NaN."""
    if KIND == TANH:
        return tanh(a)
    elif KIND == RELU:
        return tl.where(a <= 0, 0.0, a)
    elif KIND == LEAKY:
        return tl.where(a > 0, a, LEAK * a)
    elif KIND == ELU:
        return tl.where(a > 0, a, tl.exp(tl.where(a > 0, 0.0, a)) - 1.0)
    elif KIND == SOFTPLUS:
        return softplus(a)
    elif KIND == SIGMOID:
        return sigmoid(a)
    else:
        return a


@triton.jit
def slope(h, KIND: tl.constexpr):
    """phi'(a), where h is phi(a)."""
    if KIND == TANH:
        return 1.0 - h * h
    elif KIND == RELU:
        return tl.where(h > 0, 1.0, 0.0)
    elif KIND == LEAKY:
        return tl.where(h > 0, tl.full(h.shape, 1.0, h.dtype), LEAK)  # two constants alone would be float32
    elif KIND == ELU:
        return tl.where(h > 0, 1.0, h + 1.0)
    elif KIND == SOFTPLUS:
        return 1.0 - tl.exp(-h)
    elif KIND == SIGMOID:
        return h * (1.0 - h)
    else:
        return tl.where(h == h, 1.0, h)


@triton.jit
def critic_terms(real, fake, OBJECTIVE: tl.constexpr):
    """The critic's loss of each pair of rows: its mean is L_D."""
    if OBJECTIVE == WASSERSTEIN:
        return fake - real
    elif OBJECTIVE == HINGE:
        return tl.where(real > 1, 0.0, 1.0 - real) + tl.where(fake < -1, 0.0, 1.0 + fake)
    elif OBJECTIVE == LEAST_SQUARES:
        return 0.5 * ((real - 1.0) * (real - 1.0) + fake * fake)
    elif OBJECTIVE == RELATIVISTIC:
        return softplus(fake - real)
    else:
        return softplus(-real) + softplus(fake)


@triton.jit
def generator_terms(real, fake, OBJECTIVE: tl.constexpr):
    """The generator's loss of each pair of rows: its mean is L_G."""
    if OBJECTIVE == MINIMAX:
        return -softplus(-real) - softplus(fake)
    elif OBJECTIVE == NON_SATURATING:
        return softplus(-fake)
    elif OBJECTIVE == LEAST_SQUARES:
        return 0.5 * (fake - 1.0) * (fake - 1.0)
    elif OBJECTIVE == RELATIVISTIC:
        return softplus(real - fake)
    else:
        return -fake


@triton.jit
def critic_cotangents(real, fake, OBJECTIVE: tl.constexpr):
    """B times dL_D / d(logits), real and generated."""
    if OBJECTIVE == WASSERSTEIN:
        return tl.where(real == real, -1.0, real), tl.where(fake == fake, 1.0, fake)
    elif OBJECTIVE == HINGE:
        return tl.where(real < 1, -1.0, 0.0).to(real.dtype), tl.where(fake > -1, 1.0, 0.0).to(fake.dtype)
    elif OBJECTIVE == LEAST_SQUARES:
        return real - 1.0, fake
    elif OBJECTIVE == RELATIVISTIC:
        doubt = sigmoid(fake - real)
        return -doubt, doubt
    else:
        return -sigmoid(-real), sigmoid(fake)


@triton.jit
def generator_cotangents(real, fake, OBJECTIVE: tl.constexpr):
    """B times dL_G / d(logits of generated samples)."""
    if OBJECTIVE == MINIMAX:
        return -sigmoid(fake)
    elif OBJECTIVE == NON_SATURATING:
        return -sigmoid(-fake)
    elif OBJECTIVE == LEAST_SQUARES:
        return fake - 1.0
    elif OBJECTIVE == RELATIVISTIC:
        return -sigmoid(real - fake)
    else:
        return tl.where(fake == fake, -1.0, fake)
