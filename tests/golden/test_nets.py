"""Multilayer perceptrons against torch.nn, and the laws of their initial weights.

Ref: Saxe et al. 2013 (1312.6120), Glorot & Bengio 2010, He et al. 2015 (1502.01852), torch.nn.Linear.
"""

import math

import pytest
import torch
from torch import nn

import gandyn
from gandyn.core.perceptron import ACTIVATIONS

PLAIN = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(0.2),
    "elu": nn.ELU,
    "softplus": nn.Softplus,
}
CASES = [
    ([2, 1], {}),
    ([2, 5, 3], {}),
    ([3, 4, 5, 6, 2], {"input_scale": 0.25}),
    ([2, 5, 3], {"bias": False}),
    ([0, 3, 2], {}),
]


def init(net: gandyn.Net, seed: int = 0) -> torch.Tensor:
    return net.init(torch.Generator().manual_seed(seed))


def plain(sizes: list[int], activation: str, bias: bool) -> nn.Sequential:
    """The same network in torch.nn, with torch's own weights."""
    parts: list[nn.Module] = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        parts += [nn.Linear(n_in, n_out, bias=bias), PLAIN[activation]()]
    return nn.Sequential(*parts[:-1]).double()


@pytest.mark.parametrize(("sizes", "options"), CASES, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors is a no-op")
def test_equal_to_torch_nn(sizes, options, activation):
    """The value and the derivative in theta and x, given torch.nn's weights under its names and shapes."""
    net, module = gandyn.mlp(sizes, activation, **options), plain(sizes, activation, options.get("bias", True))
    theta = torch.empty(net.size, dtype=torch.float64)
    shift, weights = int("input_scale" in options), module.state_dict()
    named = net.named(theta)
    assert [(name, view.shape) for name, view in named.items()] == [
        (f"{int(index) + shift}.{kind}", value.shape)
        for (index, kind), value in ((name.split("."), value) for name, value in weights.items())
    ]
    assert net.size == sum(value.numel() for value in weights.values())
    for view, value in zip(named.values(), weights.values(), strict=True):
        view.copy_(value)  # views: theta has it now

    x = torch.randn(7, sizes[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    theta.requires_grad_()
    mine, theirs = net.apply(theta, x), module(options.get("input_scale", 1) * x)
    torch.testing.assert_close(mine, theirs, rtol=1e-13, atol=1e-14)
    slopes = torch.autograd.grad(mine.square().sum(), [theta, x])
    expected = torch.autograd.grad(theirs.square().sum(), [*module.parameters(), x])
    for view, value in zip([*net.named(slopes[0]).values(), slopes[1]], expected, strict=True):
        torch.testing.assert_close(view, value, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_module_is_an_ordinary_copy(dtype):
    net = gandyn.mlp([2, 5, 3], "elu", input_scale=0.5)
    theta, x = init(net).to(dtype), torch.randn(4, 2, dtype=dtype)
    module = net.module(theta)
    torch.testing.assert_close(module(x), net.apply(theta, x))
    assert list(module.state_dict()) == list(net.named(theta)) and next(module.parameters()).dtype == dtype
    with torch.no_grad():
        next(module.parameters()).zero_()
    assert float(net.named(theta)["1.weight"].abs().min()) > 0  # theta is untouched


@pytest.mark.parametrize("sizes", [[64, 16], [16, 64], [32, 32]], ids=str)
def test_orthogonal(sizes):
    """W^T W = gain^2 I over the shorter side; biases 0."""
    named = gandyn.mlp(sizes, init="orthogonal", gain=1.4).named(init(gandyn.mlp(sizes, init="orthogonal", gain=1.4)))
    w = named["0.weight"]
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    torch.testing.assert_close(gram, 1.4**2 * torch.eye(len(gram), dtype=torch.float64), rtol=1e-12, atol=1e-12)
    assert float(named["0.bias"].abs().max()) == 0


def test_orthogonal_is_uniformly_distributed():
    """Signs are free (Haar measure): the mean of an entry over many draws is 0, its variance gain^2 / n."""
    net = gandyn.mlp([3, 3], init="orthogonal", bias=False)
    draws = torch.stack([init(net, seed) for seed in range(3000)])
    assert float(draws.mean(0).abs().max()) < 5 * math.sqrt(1 / 3 / 3000)
    assert float((draws.var(0) - 1 / 3).abs().max()) < 0.05


@pytest.mark.parametrize(
    ("law", "options", "deviation", "bound"),
    [
        ("glorot", {"gain": 1.5}, 1.5 * math.sqrt(2 / 500), 1.5 * math.sqrt(6 / 500)),
        ("he", {"gain": 1.5}, 1.5 * math.sqrt(2 / 300), None),
        ("normal", {"std": 0.07}, 0.07, None),
        ("inverse", {}, 1 / 300, None),
        ("torch", {}, 1 / math.sqrt(3 * 300), 1 / math.sqrt(300)),
    ],
)
def test_moments(law, options, deviation, bound):
    """300 -> 200: mean 0, the law's standard deviation, its bound if it is uniform, and its fourth moment."""
    net = gandyn.mlp([300, 200], init=law, **options)
    named = net.named(init(net))
    w = named["0.weight"]
    assert abs(float(w.mean())) < 5 * deviation / math.sqrt(w.numel())
    assert float(w.std()) == pytest.approx(deviation, rel=0.02)
    kurtosis = float((w / deviation).pow(4).mean())
    assert kurtosis == pytest.approx(3 if bound is None else 9 / 5, rel=0.05)
    if bound is not None:
        assert 0.999 * bound < float(w.abs().max()) <= bound
    bias = named["0.bias"]
    if law == "torch":
        assert float(bias.std()) == pytest.approx(deviation, rel=0.15) and float(bias.abs().max()) <= bound
    else:
        assert float(bias.abs().max()) == 0


def test_constant_and_no_input():
    assert init(gandyn.mlp([2, 3], init="constant", gain=0.7)).tolist() == [0.7] * 9
    net = gandyn.mlp([0, 2], init="constant", gain=0.7)
    theta = init(net)
    assert theta.tolist() == [0.7] * 2 and net.apply(theta, torch.empty(4, 0).double()).tolist() == [[0.7] * 2] * 4


@pytest.mark.parametrize(("output", "function"), [("sigmoid", torch.sigmoid), ("tanh", torch.tanh)])
def test_an_output_follows_the_last_layer(output, function):
    """On the same weights, in the function and in the module; the names and shapes of the weights are the same."""
    linear, net = gandyn.mlp([3, 5, 2], "relu"), gandyn.mlp([3, 5, 2], "relu", output=output)
    theta, x = init(net), torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.testing.assert_close(net.apply(theta, x), function(linear.apply(theta, x)), rtol=0, atol=0)
    torch.testing.assert_close(net.module(theta)(x), net.apply(theta, x), rtol=1e-13, atol=1e-14)
    assert net.size == linear.size and list(net.named(theta)) == list(linear.named(theta))
    with pytest.raises(ValueError, match="output 'sigmoi' is unknown; did you mean 'sigmoid'"):
        gandyn.mlp([3, 2], output="sigmoi")


def test_a_curvature_takes_half_of_the_square_off_whatever_the_weights():
    """Of the input before its scale; in the function, in the module, and in lanes."""
    options = {"input_scale": 0.5, "gain": 1.3}
    flat, curved = gandyn.mlp([3, 5, 1], "tanh", **options), gandyn.mlp([3, 5, 1], "tanh", **options, curvature=1.7)
    theta, x = init(flat), torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    wanted = flat.apply(theta, x) - 1.7 / 2 * (x * x).sum(1, keepdim=True)
    torch.testing.assert_close(curved.apply(theta, x), wanted, rtol=1e-14, atol=1e-14)
    torch.testing.assert_close(curved.module(theta)(x), wanted, rtol=1e-13, atol=1e-14)
    torch.testing.assert_close(curved.at(torch.stack([theta, theta]))(torch.stack([x, x])), torch.stack([wanted] * 2))
    assert list(curved.named(theta)) == list(flat.named(theta)) and curved.size == flat.size


def test_drawn_in_float64_from_the_generator_alone():
    net = gandyn.mlp([4, 8, 2])
    assert init(net).dtype == torch.float64 and torch.equal(init(net), init(net))
    assert not torch.equal(init(net), init(net, 1))


def test_what_a_network_says_of_itself():
    net = gandyn.mlp([3, 5, 4, 2], "elu", "he", gain=1.5, input_scale=0.5, bias=False)
    assert (net.size, net.inputs, net.outputs) == (3 * 5 + 5 * 4 + 4 * 2, (3,), (2,))
    controls = {"widths": (5, 4), "activation": "elu", "init": "he", "gain": 1.5, "std": 0.02}
    rest = {"input_scale": 0.5, "bias": False, "output": "linear", "curvature": 0.0, "norm": "none"}
    rest |= {"norm_from": 1, "minibatch": "none", "pack": 1}
    assert dict(net.spec) == controls | rest
