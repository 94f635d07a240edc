"""Convolutional networks: padding and cropping by hand, torch.nn's modules, initial laws, derivatives.

Ref: TensorFlow's documentation of "SAME" padding; Glorot & Bengio 2010.
"""

import math

import pytest
import torch
from torch import nn

import gandyn
from gandyn.core.conv import conv_critic, conv_generator, layered
from gandyn.core.conv_layers import Activation, Conv, ConvTranspose, Flatten, Law, Linear, Reshape, same
from gandyn.core.initialisers import draw

F64 = torch.float64


def init(net: gandyn.Net, seed: int = 0) -> torch.Tensor:
    return net.init(torch.Generator().manual_seed(seed))


def one_hot(layer: Conv | ConvTranspose, side: int, at: tuple[int, int]) -> tuple[gandyn.Net, torch.Tensor]:
    """A network of this layer alone, on one channel, with a kernel that is 1 at `at` and 0 elsewhere."""
    net = layered((1, side, side), [layer._replace(channels=1, bias=None)])
    theta = torch.zeros(net.size, dtype=F64)
    net.named(theta)["1.weight" if "1.weight" in net.named(theta) else "0.weight"][0, 0][at] = 1
    return net, theta


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "pads"),
    [
        (28, 3, 2, (0, 1)), (14, 3, 2, (0, 1)), (32, 3, 2, (0, 1)), (8, 3, 2, (0, 1)),
        (28, 5, 2, (1, 2)), (14, 5, 2, (1, 2)), (32, 5, 2, (1, 2)), (8, 5, 2, (1, 2)),
        (7, 5, 2, (2, 2)), (7, 3, 2, (1, 1)), (28, 3, 1, (1, 1)), (28, 5, 1, (2, 2)), (28, 4, 2, (1, 1)),
        (28, 1, 1, (0, 0)), (9, 2, 2, (0, 1)), (1, 5, 2, (2, 2)),
    ],
)  # fmt: skip
def test_what_same_pads(n, kernel, stride, pads):
    """By hand from TensorFlow's rule."""
    assert same(n, kernel, stride) == pads


@pytest.mark.parametrize("side", [28, 14, 32, 8])
@pytest.mark.parametrize(("kernel", "before"), [(3, 0), (5, 1)])
def test_a_convolution_of_stride_2_reads_where_tensorflow_s_does(side, kernel, before):
    """With a kernel that is 1 at (p, q), output (i, j) is input (2 i + p - before, 2 j + q - before), 0 outside."""
    x = torch.arange(1, side * side + 1, dtype=F64).view(side, side)
    for p, q in [(0, 0), (0, kernel - 1), (kernel - 1, 1), (kernel // 2, kernel // 2), (kernel - 1, kernel - 1)]:
        net, theta = one_hot(Conv(1, kernel, 2), side, (p, q))
        expected = torch.zeros(side // 2, side // 2, dtype=F64)
        for i in range(side // 2):
            for j in range(side // 2):
                row, column = 2 * i + p - before, 2 * j + q - before
                if 0 <= row < side and 0 <= column < side:
                    expected[i, j] = x[row, column]
        assert torch.equal(net.apply(theta, x[None, None])[0, 0], expected)


@pytest.mark.parametrize("side", [14, 7, 16, 4])
@pytest.mark.parametrize(("kernel", "before"), [(3, 0), (5, 1)])
def test_a_transposed_convolution_of_stride_2_writes_where_tensorflow_s_does(side, kernel, before):
    """Input (i, j) goes to output (2 i + p - before, 2 j + q - before), and is lost outside of 2 n pixels."""
    x = torch.arange(1, side * side + 1, dtype=F64).view(side, side)
    for p, q in [(0, 0), (0, kernel - 1), (kernel - 1, 1), (kernel // 2, kernel // 2), (kernel - 1, kernel - 1)]:
        net, theta = one_hot(ConvTranspose(1, kernel, 2), side, (p, q))
        expected = torch.zeros(2 * side, 2 * side, dtype=F64)
        for i in range(side):
            for j in range(side):
                row, column = 2 * i + p - before, 2 * j + q - before
                if 0 <= row < 2 * side and 0 <= column < 2 * side:
                    expected[row, column] = x[i, j]
        assert torch.equal(net.apply(theta, x[None, None])[0, 0], expected)


def test_by_hand_in_numbers():
    """4x4 pixels 0 to 15, a kernel of ones of 3x3, stride 2: the corner windows lose the pad at the far end only."""
    net = layered((1, 4, 4), [Conv(1, 3, 2, bias=None)])
    y = net.apply(torch.ones(9, dtype=F64), torch.arange(16, dtype=F64).view(1, 1, 4, 4))
    assert y[0, 0].tolist() == [[0 + 1 + 2 + 4 + 5 + 6 + 8 + 9 + 10, 2 + 3 + 6 + 7 + 10 + 11], [66, 10 + 11 + 14 + 15]]
    back = layered((1, 2, 2), [ConvTranspose(1, 3, 2, bias=None)])
    y = back.apply(torch.ones(9, dtype=F64), torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]], dtype=F64))
    assert y[0, 0].tolist() == [[1, 1, 3, 2], [1, 1, 3, 2], [4, 4, 10, 6], [3, 3, 7, 4]]


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (5, 2), (3, 1), (5, 1), (4, 2), (2, 2), (5, 3)])
def test_they_are_each_other_s_transpose(kernel, stride):
    """<conv(x), y> = <x, conv^T(y)> with one kernel, 2 channels here and 3 there."""
    random = torch.Generator().manual_seed(0)
    down = layered((2, 4 * stride, 4 * stride), [Conv(3, kernel, stride, bias=None)])
    up = layered((3, 4, 4), [ConvTranspose(2, kernel, stride, bias=None)])
    theta = torch.randn(3 * 2 * kernel**2, generator=random, dtype=F64)
    assert (down.size, up.size, down.outputs, up.outputs) == (len(theta), len(theta), up.inputs, down.inputs)
    x = torch.randn(5, *down.inputs, generator=random, dtype=F64)
    y = torch.randn(5, *up.inputs, generator=random, dtype=F64)
    torch.testing.assert_close((down.apply(theta, x) * y).sum(), (x * up.apply(theta, y)).sum())


EVERYTHING = [
    Linear(2 * 4 * 3), Activation("relu"), Reshape((2, 4, 3)),
    ConvTranspose(3, 3, 2), Activation("leaky-relu"), ConvTranspose(2, 5, 2, bias=None), Activation("tanh"),
    Conv(4, 5, 2), Activation("elu"), Conv(3, 3, 2, bias=None), Activation("softplus"),
    Conv(2, 3), Activation("sigmoid"), Reshape((4, 3, 2)), Flatten(), Linear(3, bias=None),
]  # fmt: skip
NAMED = {
    "0.weight": (24, 5), "0.bias": (24,), "3.weight": (2, 3, 3, 3), "3.bias": (3,), "6.weight": (3, 2, 5, 5),
    "10.weight": (4, 2, 5, 5), "10.bias": (4,), "13.weight": (3, 4, 3, 3), "15.weight": (2, 3, 3, 3), "15.bias": (2,),
    "20.weight": (3, 24),
}  # fmt: skip


def test_the_module_is_an_ordinary_one_with_the_same_output():
    """Every kind of layer, rows and columns of different number: names, shapes, values and derivatives in float64."""
    net = layered((5,), EVERYTHING)
    theta = 0.3 * torch.randn(net.size, generator=torch.Generator().manual_seed(2), dtype=F64).requires_grad_()
    theta.retain_grad()
    module, x = net.module(theta), torch.randn(4, 5, generator=torch.Generator().manual_seed(1), dtype=F64)
    assert {name: tuple(view.shape) for name, view in net.named(theta).items()} == NAMED
    assert {name: tuple(value.shape) for name, value in module.state_dict().items()} == NAMED
    assert list(module.buffers()) == [] and type(module) is nn.Sequential
    assert {type(part).__module__.partition(".")[0] for part in module} == {"torch"}
    torch.testing.assert_close(net.apply(theta, x), module(x), rtol=1e-12, atol=1e-13)
    (slope,) = torch.autograd.grad(net.apply(theta, x).square().sum(), theta)
    expected = torch.autograd.grad(module(x).square().sum(), list(module.parameters()))
    for view, value in zip(net.named(slope).values(), expected, strict=True):
        torch.testing.assert_close(view, value, rtol=1e-10, atol=1e-12)
    kept = theta.detach().clone()
    with torch.no_grad():
        next(module.parameters()).zero_()
    assert torch.equal(theta, kept)


def test_what_a_network_says_of_itself():
    net = layered((5,), EVERYTHING)
    assert (net.inputs, net.outputs) == ((5,), (3,))
    assert net.size == sum(math.prod(shape) for shape in NAMED.values())
    assert net.spec["shapes"] == ((5,), (2, 4, 3), (3, 8, 6), (2, 16, 12), (4, 8, 6), (3, 4, 3), (4, 3, 2), (3,))
    assert init(net).shape == (net.size,) and init(net).dtype == F64
    assert torch.equal(init(net), init(net)) and not torch.equal(init(net), init(net, 1))


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ([Linear(3)], "a linear layer takes a row of numbers, not 1x8x8: flatten first"),
        ([Flatten(), Conv(3, 3)], r"a convolution takes \[channels, height, width\], not 64: reshape first"),
        ([Reshape((3, 3))], "1x8x8 cannot be reshaped to 3x3"),
        ([Activation("rellu")], "activation 'rellu' is unknown; did you mean 'relu'"),
        ([Conv(0, 3)], r"channels must be a whole number in \[1, 4096\], not 0"),
        ([ConvTranspose(3, 2, 3)], r"stride must be a whole number in \[1, 2\], not 3"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers, line):
    with pytest.raises(ValueError, match=f"^{line}"):
        layered((1, 8, 8), layers)


def test_an_unknown_law_is_refused():
    with pytest.raises(ValueError, match="^law 'glorott' is unknown; did you mean 'glorot'"):
        draw(Law("glorott"), (2,), (2, 2), gandyn.Rng(0), 0)


def check_moments(x: torch.Tensor, deviation: float, kurtosis: float, bound: float | None) -> None:
    """Mean 0, standard deviation and fourth moment within 5 standard errors, the bound attained and kept."""
    n = x.numel()
    assert abs(float(x.mean())) < 5 * deviation / math.sqrt(n)
    assert abs(float(x.square().mean()) / deviation**2 - 1) < 5 * math.sqrt((kurtosis - 1) / n)
    assert float((x / deviation).pow(4).mean()) == pytest.approx(kurtosis, rel=0.06)
    if bound is not None:
        assert 0.99 * bound < float(x.abs().max()) <= bound


# A standard normal cut at +-2 has the variance 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.773741, and E x^4 = 1.416190:
# by parts E x^4 = 3 E x^2 - 16 phi(2) / (2 Phi(2) - 1).
PHI = math.exp(-2) / math.sqrt(2 * math.pi)
VARIANCE = 1 - 4 * PHI / math.erf(math.sqrt(2))
FOURTH = 3 * VARIANCE - 16 * PHI / math.erf(math.sqrt(2))


@pytest.mark.parametrize(
    ("law", "deviation", "kurtosis", "bound"),
    [
        (Law("normal", 0.02), 0.02, 3, None),
        (Law("truncated-normal", 0.02), 0.02 * math.sqrt(VARIANCE), FOURTH / VARIANCE**2, 0.04),
        # TensorFlow's fans of a 5x5 kernel from 32 to 64 channels: 25 * 32 and 25 * 64
        (Law("glorot"), math.sqrt(2 / (25 * 96)), 9 / 5, math.sqrt(6 / (25 * 96))),
    ],
)
@pytest.mark.parametrize("layer", [Conv, ConvTranspose])
def test_the_laws_of_a_kernel(layer, law, deviation, kurtosis, bound):
    net = layered((32, 8, 8), [layer(64, 5, 2, weight=law)])
    named = net.named(init(net))
    (weight,) = (view for name, view in named.items() if name.endswith("weight"))
    check_moments(weight, deviation, kurtosis, bound)
    (bias,) = (view for name, view in named.items() if name.endswith("bias"))
    assert float(bias.abs().max()) == 0


def test_glorot_s_law_of_a_linear_layer_and_of_its_biases():
    """U(+-sqrt(6 / (n_in + n_out))), and TensorFlow's U(+-sqrt(3 / n)) for n biases."""
    net = layered((100,), [Linear(3000, bias=Law("glorot"))])
    named = net.named(init(net))
    check_moments(named["0.weight"], math.sqrt(2 / 3100), 9 / 5, math.sqrt(6 / 3100))
    check_moments(named["0.bias"], math.sqrt(1 / 3000), 9 / 5, math.sqrt(3 / 3000))


TINY_G = conv_generator(6, (4, 2, 2), (3, 1), kernel=5, output="sigmoid", conv=Law("normal", 0.5))
TINY_D = conv_critic((1, 8, 8), (3, 4), kernel=5, hidden=(6,), conv=Law("normal", 0.5))


class Noise(gandyn.Target):
    """Pictures of 8x8 even random numbers."""

    name, summary, shape, uniforms = "noise", "even noise", (1, 8, 8), 64

    def samples(self, uniform, normal):
        return uniform.unflatten(-1, self.shape)


@pytest.mark.parametrize("penalty", ["none", "gradient-penalty", "r1", "dragan"])
@pytest.mark.parametrize("unroll", [0, 1])
@pytest.mark.parametrize("order", ["simultaneous", "alternating"])
def test_a_step_is_finite_and_moves_every_weight(penalty, unroll, order):
    """Twice through the convolutions where a penalty or a look-ahead asks for it."""
    game = gandyn.Game(TINY_G, TINY_D, gandyn.adam(), gandyn.adam(), gandyn.Latent(6))
    rule = gandyn.Rule(penalty=penalty, unroll=unroll, order=order, batch_size=16)
    experiment = gandyn.Experiment(Noise(), game, rule)
    old, (new, metrics) = gandyn.init(game, 0), next(gandyn.play(experiment))
    assert all(bool(value.isfinite()) for value in metrics) and (float(metrics.gap) != 0) == bool(unroll)
    for net, before, after in ((TINY_G, old.g, new.g), (TINY_D, old.d, new.d)):
        assert bool(after.isfinite().all())
        for name, view in net.named(after - before).items():
            assert float(view.abs().max()) > 0, name


def test_the_penalty_s_and_the_look_ahead_s_derivatives_are_right():
    """The second derivatives against finite differences, along a random direction, in float64."""
    random = torch.Generator().manual_seed(0)
    net = conv_critic((1, 8, 8), (3, 4), kernel=5, hidden=(6,), activation="softplus", conv=Law("normal", 0.5))
    theta, x = init(net), torch.randn(3, 1, 8, 8, generator=random, dtype=F64)
    direction = torch.randn(net.size, generator=random, dtype=F64)

    def penalty(theta: torch.Tensor) -> torch.Tensor:
        inner = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(net.apply(theta, inner).sum(), inner, create_graph=True)
        return (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def ahead(theta: torch.Tensor) -> torch.Tensor:
        theta = theta if theta.requires_grad else theta.clone().requires_grad_()
        (slope,) = torch.autograd.grad(net.apply(theta, x).square().mean(), theta, create_graph=True)
        return net.apply(theta - 0.1 * slope, x).mean()

    for value in (penalty, ahead):
        at = theta.clone().requires_grad_()
        (slope,) = torch.autograd.grad(value(at), at)
        difference = (value(theta + 1e-5 * direction) - value(theta - 1e-5 * direction)) / 2e-5
        assert float(slope @ direction) == pytest.approx(float(difference.detach()), rel=1e-6)


@pytest.mark.parametrize("net", [TINY_G, TINY_D, gandyn.mlp([3, 4, 2])], ids=["generator", "critic", "perceptron"])
@pytest.mark.parametrize("more", [-1, 1])
def test_a_vector_of_another_length_is_refused(net, more):
    with pytest.raises(RuntimeError, match="sum exactly"):
        net.apply(torch.zeros(net.size + more), torch.zeros(2, *net.inputs))
