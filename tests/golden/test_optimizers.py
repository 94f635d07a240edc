"""The optimisers against torch.optim, and against recursions written from the formulas of TensorFlow 1.

TensorFlow 1: training_ops' ApplyAdam and ApplyRMSProp (the mean square starts at one, eps stands inside the root).
"""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.trees import tensors, tree_map
from gandyn.core.types import Rates

STEPS, SIZE = 500, 6
START = torch.randn(SIZE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def gradients() -> list:
    """theta -> the gradient of a random quadratic with noise, one for every step."""
    draw = torch.Generator().manual_seed(1)
    root = torch.randn(SIZE, SIZE, generator=draw, dtype=torch.float64)
    noise = torch.randn(STEPS, SIZE, generator=draw, dtype=torch.float64)
    return [lambda theta, n=n: root.T @ (root @ theta) + 0.1 * n for n in noise]


def ours(optimizer: gandyn.Optimizer, rates: list[Rates]) -> Tensor:
    """Every point that our optimiser visits: [STEPS, SIZE]."""
    theta, state, visited = START, optimizer.init(START), []
    for gradient, at in zip(gradients(), rates, strict=True):
        theta, state = optimizer.update(theta, gradient(theta), state, at)
        visited.append(theta)
    assert state.t == STEPS
    return torch.stack(visited)


def torchs(make, rates: list[Rates]) -> Tensor:
    """The same of one of torch.optim's, its rate set before every step."""
    theta = START.clone().requires_grad_()
    optimizer, visited = make([theta], rates[0]), []
    for gradient, at in zip(gradients(), rates, strict=True):
        optimizer.param_groups[0]["lr"] = at.lr
        theta.grad = gradient(theta.detach())
        optimizer.step()
        visited.append(theta.detach().clone())
    return torch.stack(visited)


TORCH = {
    "sgd": lambda p, r: torch.optim.SGD(p, lr=r.lr, momentum=r.beta1),
    "rmsprop": lambda p, r: torch.optim.RMSprop(p, lr=r.lr, alpha=r.beta2, eps=r.eps, momentum=r.beta1),
    "adam": lambda p, r: torch.optim.Adam(p, lr=r.lr, betas=(r.beta1, r.beta2), eps=r.eps),
    "adagrad": lambda p, r: torch.optim.Adagrad(p, lr=r.lr, eps=r.eps),
}


@pytest.mark.parametrize(("beta1", "beta2"), [(0.0, 0.9), (0.5, 0.999), (0.9, 0.99)])
@pytest.mark.parametrize("name", TORCH)
def test_equal_to_torch_over_500_steps(name, beta1, beta2):
    """To 1e-12 at every step, with and without momentum, under a rate that is halved on the way."""
    rates = [Rates(0.02 if i < 250 else 0.01, beta1, beta2, 1e-8) for i in range(STEPS)]
    mine, theirs = ours(OPTIMIZERS[name], rates), torchs(TORCH[name], rates)
    assert float((mine - theirs).abs().max()) <= 1e-12 * float(theirs.abs().max())
    assert float((mine[-1] - START).abs().min()) > 0.01


def adam_tf(gradient_of, rates: list[Rates]) -> np.ndarray:
    """lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t); m, v as usual; theta -= lr_t m / (sqrt(v) + eps)."""
    theta, m, v, visited = START.numpy().copy(), np.zeros(SIZE), np.zeros(SIZE), []
    for t, (gradient, (lr, beta1, beta2, eps)) in enumerate(zip(gradient_of, rates, strict=True), start=1):
        g = gradient(torch.from_numpy(theta)).numpy()
        m += (g - m) * (1 - beta1)
        v += (g * g - v) * (1 - beta2)
        theta = theta - lr * math.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + eps)
        visited.append(theta)
    return np.array(visited)


def rmsprop_tf(gradient_of, rates: list[Rates]) -> np.ndarray:
    """ms += (g^2 - ms) (1 - rho) from one; mom = momentum mom + lr g / sqrt(ms + eps); theta -= mom."""
    theta, ms, mom, visited = START.numpy().copy(), np.ones(SIZE), np.zeros(SIZE), []
    for gradient, (lr, momentum, rho, eps) in zip(gradient_of, rates, strict=True):
        g = gradient(torch.from_numpy(theta)).numpy()
        ms += (g * g - ms) * (1 - rho)
        mom = momentum * mom + lr * g / np.sqrt(ms + eps)
        theta = theta - mom
        visited.append(theta)
    return np.array(visited)


@pytest.mark.parametrize(("beta1", "beta2"), [(0.0, 0.9), (0.5, 0.999), (0.9, 0.99)])
@pytest.mark.parametrize("recursion", [adam_tf, rmsprop_tf])
def test_equal_to_tensorflow_over_500_steps(recursion, beta1, beta2):
    name = recursion.__name__.replace("_", "-")
    rates = [Rates(0.02 if i < 250 else 0.01, beta1, beta2, 1e-3) for i in range(STEPS)]
    mine, theirs = ours(OPTIMIZERS[name], rates).numpy(), recursion(gradients(), rates)
    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


def adabelief(gradient_of, rates: list[Rates]) -> np.ndarray:
    """Algorithm 2 of 2010.07468."""
    theta, m, s, visited = START.numpy().copy(), np.zeros(SIZE), np.zeros(SIZE), []
    for t, (gradient, (lr, beta1, beta2, eps)) in enumerate(zip(gradient_of, rates, strict=True), start=1):
        g = gradient(torch.from_numpy(theta)).numpy()
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps
        theta = theta - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        visited.append(theta)
    return np.array(visited)


def lion(gradient_of, rates: list[Rates]) -> np.ndarray:
    """Algorithm 2 of 2302.06675 without weight decay."""
    theta, m, visited = START.numpy().copy(), np.zeros(SIZE), []
    for gradient, (lr, beta1, beta2, _) in zip(gradient_of, rates, strict=True):
        g = gradient(torch.from_numpy(theta)).numpy()
        theta = theta - lr * np.sign(beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
        visited.append(theta)
    return np.array(visited)


def sign_sgd(gradient_of, rates: list[Rates]) -> np.ndarray:
    """Algorithm 2 of 1802.04434 on one machine."""
    theta, m, visited = START.numpy().copy(), np.zeros(SIZE), []
    for gradient, (lr, beta1, _, _) in zip(gradient_of, rates, strict=True):
        m = beta1 * m + (1 - beta1) * gradient(torch.from_numpy(theta)).numpy()
        theta = theta - lr * np.sign(m)
        visited.append(theta)
    return np.array(visited)


def complex_momentum(gradient_of, rates: list[Rates]) -> np.ndarray:
    """Algorithm 1 of 2102.08431 in numpy's complex numbers."""
    theta, m, visited = START.numpy().copy(), np.zeros(SIZE, complex), []
    for gradient, (lr, beta1, beta2, _) in zip(gradient_of, rates, strict=True):
        m = beta1 * np.exp(1j * np.pi * beta2) * m + gradient(torch.from_numpy(theta)).numpy()
        theta = theta - lr * m.real
        visited.append(theta)
    return np.array(visited)


@pytest.mark.parametrize(("beta1", "beta2"), [(0.2, 0.9), (0.5, 0.25), (-0.5, 0.999), (0.9, 0.99)])
@pytest.mark.parametrize("recursion", [adabelief, lion, sign_sgd, complex_momentum])
def test_equal_to_the_recursion_of_the_paper_over_500_steps(recursion, beta1, beta2):
    rates = [Rates(0.002 if i < 250 else 0.001, beta1, beta2, 1e-8) for i in range(STEPS)]
    mine, theirs = ours(OPTIMIZERS[recursion.__name__.replace("_", "-")], rates), recursion(gradients(), rates)
    np.testing.assert_allclose(mine.numpy(), theirs, rtol=1e-9, atol=1e-10)


def bilinear(optimizer: str, rates: Rates, order: str, steps: int) -> float:
    """The contraction of the distance to the middle a step on xy, over the second half of the steps."""
    move = OPTIMIZERS[optimizer].update
    x, y = torch.tensor([1.0], dtype=torch.float64), torch.tensor([0.5], dtype=torch.float64)
    of_x, of_y = OPTIMIZERS[optimizer].init(x), OPTIMIZERS[optimizer].init(y)
    far = []
    for _ in range(steps):
        new, of_x = move(x, y, of_x, rates)
        y, of_y = move(y, -(new if order == "alternating" else x), of_y, rates)
        x = new
        far.append(math.hypot(float(x), float(y)))
    half = steps // 2
    return (max(far[-40:]) / max(far[half - 40 : half])) ** (1 / (steps - half))


@pytest.mark.parametrize(
    ("optimizer", "beta1", "beta2", "order", "wanted"),
    [
        ("sgd", -0.5, 0.9, "simultaneous", 1.00074),
        ("sgd", -0.5, 0.9, "alternating", 0.99852),
        ("complex-momentum", 0.8, 1 / 8, "alternating", 0.9439),
        ("complex-momentum", 0.8, 1 / 8, "simultaneous", 0.9774),
    ],
)
def test_momentum_that_is_negative_or_complex_contracts_as_its_matrix_says(optimizer, beta1, beta2, order, wanted):
    """The spectral radius of the step's matrix on xy at rate 0.1, written down here, and to four digits known."""
    beta = beta1 * (np.exp(1j * np.pi * beta2) if optimizer == "complex-momentum" else 1.0)
    h, r, i = 0.1, beta.real, beta.imag
    # (x, y, Re m, Im m of x, of y): m <- beta m + g, then the point moves by -h Re m
    momentum = np.zeros((6, 6))
    momentum[:2, :2] = np.eye(2)
    for at in (2, 4):
        momentum[at : at + 2, at : at + 2] = [[r, -i], [i, r]]
    first, second = momentum.copy(), np.eye(6)
    first[2, 1] = 1.0  # x's gradient is y
    first[0] -= h * first[2]
    second[4:, 4:], first[4:, 4:] = momentum[4:, 4:], np.eye(2)
    second[4, 0] = -1.0  # y's is -x
    second[1] -= h * second[4]
    if order == "alternating":
        whole = second @ first
    else:
        whole = momentum.copy()
        whole[2, 1], whole[4, 0] = 1.0, -1.0
        whole[0] -= h * whole[2]
        whole[1] -= h * whole[4]
    predicted = max(abs(np.linalg.eigvals(whole)))
    assert predicted == pytest.approx(wanted, abs=6e-5)
    assert bilinear(optimizer, Rates(h, beta1, beta2, 0.0), order, 1200) == pytest.approx(predicted, abs=1e-4)


def first_step(name: str, gradient: float, rates: Rates) -> float:
    """The first step's length in units of the learning rate."""
    theta, optimizer = torch.zeros(1, dtype=torch.float64), OPTIMIZERS[name]
    new, _ = optimizer.update(theta, torch.full_like(theta, gradient), optimizer.init(theta), rates)
    return -float(new) / float(rates.lr)


@pytest.mark.parametrize("g", [1e-9, 1e-8, 1e-6, 1.0])
def test_where_eps_stands_in_the_first_step(g):
    """adam: g / (g + eps); adam-tf: g / (g + eps / sqrt(1 - beta2)), 32 times as large an eps; so too for rmsprop."""
    eps, beta2 = 1e-8, 0.999
    rates, wide = Rates(0.01, 0.5, beta2, eps), Rates(0.01, 0.0, 0.9, 1e-10)
    assert first_step("adam", g, rates) == pytest.approx(g / (g + eps), rel=1e-12)
    assert first_step("adam-tf", g, rates) == pytest.approx(g / (g + eps / math.sqrt(1 - beta2)), rel=1e-12)
    assert first_step("rmsprop", g, wide) == pytest.approx(g / (math.sqrt(0.1) * g + 1e-10), rel=1e-12)
    assert first_step("rmsprop-tf", g, wide) == pytest.approx(g / math.sqrt(0.9 + 0.1 * g**2 + 1e-10), rel=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_differentiable_in_everything(name):
    """Derivatives with respect to parameters, gradient and both moments, first and second, against differences."""
    draw = torch.Generator().manual_seed(4)
    optimizer, rates = OPTIMIZERS[name], Rates(0.1, 0.6, 0.9, 1e-2)
    start = optimizer.init(torch.zeros(3, dtype=torch.float64))
    fields = [field for field, moment in start._asdict().items() if moment.is_floating_point()]
    inputs = [torch.rand(3, generator=draw, dtype=torch.float64) + 0.3 for _ in range(2 + len(fields))]

    def update(theta: Tensor, grad: Tensor, *moments: Tensor) -> tuple[Tensor, ...]:
        state = start._replace(**dict(zip(fields, moments, strict=True)), t=torch.tensor(3))
        new, state = optimizer.update(theta, grad, state, rates)
        return (new, *(getattr(state, field) for field in fields))

    inputs = tuple(x.requires_grad_() for x in inputs)
    assert torch.autograd.gradcheck(update, inputs)
    assert torch.autograd.gradgradcheck(update, inputs)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_nothing_is_written_into(name):
    optimizer = OPTIMIZERS[name]
    state = tree_map(lambda x: x + 1, optimizer.init(START))
    before = [x.clone() for x in (START, *tensors(state))]
    optimizer.update(START, START + 2, state, Rates(0.1, 0.5, 0.9, 1e-8))
    assert all(torch.equal(a, b) for a, b in zip(before, (START, *tensors(state)), strict=True))
