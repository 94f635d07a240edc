"""The libraries of the fused engine: accurate, stored, used again, and off with one switch."""

import pytest
import torch

import gandyn
from gandyn.core.fused import backend
from gandyn.core.fused.backend import NEVER, PORTABLE, SIZES, Backend, choose, claimed, here, measure
from gandyn.core.fused.products import Products, linear, linear_plus, numpy_tanh
from tests.contracts.small import experiment


def error(found: torch.Tensor, exact: torch.Tensor) -> float:
    return float((found.double() - exact).norm() / exact.norm())


@pytest.mark.parametrize(("rows", "k", "n"), [shape for _, shape in SIZES] + [(100, 33, 17)])
def test_onednn_multiplies_to_single_precision(rows: int, k: int, n: int) -> None:
    draw = torch.Generator().manual_seed(1)
    x, other = torch.randn(rows, k, generator=draw), torch.randn(rows, n, generator=draw)
    weight, bias = torch.randn(k, n, generator=draw), torch.randn(n, generator=draw)
    exact = x.double() @ weight.double() + bias
    assert error(linear(x, weight.mT, bias), exact) < 1e-6
    assert error(linear_plus(x, weight.mT, bias, other), exact + other) < 1e-6


def test_every_product_is_the_same_by_either_library() -> None:
    draw = torch.Generator().manual_seed(2)
    h, delta = torch.randn(40, 20, generator=draw), torch.randn(40, 24, generator=draw)
    weight, bias = torch.randn(20, 24, generator=draw), torch.randn(24, generator=draw)
    found = []
    for begins, flag in ((1, False), (1, True), (NEVER, False)):
        products = Products(False, begins, flag)
        grad = torch.ones(20, 24)
        products.gradient(h, delta, grad, add=True)
        fresh = torch.empty(20, 24)
        products.gradient(h, delta, fresh)
        y = products.affine(h, weight, bias, torch.empty(40, 24))
        more = products.add_affine(delta.clone(), h, weight)
        back = products.back(delta, weight, torch.empty(40, 20))
        again = products.add_back(h.clone(), delta, weight)
        found.append((grad, fresh, y, more, back, again))
    for one, two, three in zip(*found, strict=True):
        assert torch.allclose(one, three, rtol=1e-5, atol=1e-5) and torch.allclose(two, three, rtol=1e-5, atol=1e-5)
    assert torch.backends.mkldnn.matmul.fp32_precision == "none"


def test_numpy_has_the_same_tanh() -> None:
    x = torch.linspace(-20, 20, 4001)
    assert float((numpy_tanh(x.clone()).double() - x.double().tanh()).abs().max()) < 2e-7
    x = x.double()
    assert torch.allclose(numpy_tanh(x.clone()), x.tanh(), rtol=1e-14, atol=1e-16)


def test_a_product_that_is_not_accurate_is_not_taken(monkeypatch) -> None:
    monkeypatch.setattr(backend, "linear", lambda x, weight, bias: (x.bfloat16() @ weight.bfloat16().mT).float())
    monkeypatch.setattr(backend, "numpy_tanh", lambda x: x.bfloat16().tanh().float())
    monkeypatch.setattr(backend, "_seconds", lambda *calls: [float(i) for i in range(1, len(calls) + 1)])
    assert backend.measure.__wrapped__() == PORTABLE
    monkeypatch.setattr(backend, "linear", linear)
    monkeypatch.setattr(backend, "numpy_tanh", numpy_tanh)
    assert backend.measure.__wrapped__() == Backend(SIZES[0][0], "numpy")


def test_the_decision_is_made_once_and_can_be_switched_off(monkeypatch) -> None:
    monkeypatch.delenv(backend.SWITCH, raising=False)
    assert choose() == measure() and measure() is measure()
    monkeypatch.setenv(backend.SWITCH, "1")
    assert choose() == PORTABLE


@pytest.mark.parametrize("made", [PORTABLE, Backend(2**21, "numpy", True, 4)])
def test_a_decision_is_stored_and_read(made: Backend) -> None:
    assert Backend.from_dict(made.as_dict()) == made
    wrong = {"onednn_from": 0, "tanh": "mine", "flag": 1, "threads": 0}
    for stored in ({}, 7, *({**made.as_dict(), name: value} for name, value in wrong.items())):
        with pytest.raises(ValueError):
            Backend.from_dict(stored)
    before_threads = {name: value for name, value in made.as_dict().items() if name != "threads"}
    assert Backend.from_dict(before_threads) == made._replace(threads=1)


def test_replay_uses_the_stored_decision() -> None:
    run = gandyn.Run(experiment(), backend=Backend(tanh="numpy"))
    run.advance(3)
    trace = run.trace()
    assert trace["backend"]["tanh"] == "numpy"
    other = gandyn.replay({**trace, "backend": PORTABLE.as_dict()})
    assert gandyn.replay(trace).trace()["sha256"] == trace["sha256"] != other.trace()["sha256"]


@pytest.mark.parametrize("lanes", [None, 2])
def test_what_a_claimed_process_computed_is_said_to_differ_elsewhere(caplog, lanes) -> None:
    with claimed() as accurate:
        assert choose().flag == accurate
        run = gandyn.Run(experiment(batch_size=64), lanes=lanes)
        run.advance(2)
        again = gandyn.replay(run.trace())
        assert torch.equal(again.state.g, run.state.g) and not caplog.text
    if not accurate:
        pytest.skip("oneDNN uses bfloat16 here")
    elsewhere = gandyn.replay(run.trace())
    assert "here other threads multiply, too" in caplog.text and "bits may differ" in caplog.text
    assert torch.allclose(elsewhere.state.g, run.state.g, rtol=1e-4, atol=1e-5)
    assert not elsewhere.trace()["backend"]["flag"]
    assert here(None)[1] is not None and here(PORTABLE) == (PORTABLE, None)
    several = PORTABLE._replace(threads=2)
    (found, line), (claimed_one, nothing) = here(several), _claimed_here(several)
    assert (found, claimed_one, nothing) == (PORTABLE, several, None) and line is not None


def _claimed_here(stored: Backend) -> tuple[Backend, str | None]:
    with claimed():
        return here(stored)


def test_autograd_takes_the_libraries_of_the_fused_engine_where_it_is_chosen_by_itself() -> None:
    if not backend._flag_is_accurate():
        pytest.skip("oneDNN uses bfloat16 here")
    convolutional = gandyn.preset("mnist-dcgan-lab", batch_size=16)
    made = {}
    for engine in ("auto", "reference"):
        for flag in (True, False):
            run = gandyn.Run(convolutional.replace(engine=engine), backend=Backend(flag=flag))
            run.advance(1)
            made[engine, flag] = run.state.d
    exact = gandyn.Run(convolutional, dtype=torch.float64)
    exact.advance(1)
    moved = exact.state.d - gandyn.init(convolutional.game, 0, torch.float64).d
    assert torch.equal(made["auto", False], made["reference", False])
    assert torch.equal(made["reference", True], made["reference", False])
    assert not torch.equal(made["auto", True], made["auto", False])
    for d in made.values():
        assert float((d - exact.state.d).norm() / moved.norm()) < 1e-2


def test_the_flag_is_left_alone_where_it_is_not_accurate(monkeypatch) -> None:
    def rounded(product, *operands, out):
        return product(*(operand.bfloat16() for operand in operands), out=out.bfloat16()).float()

    monkeypatch.setattr(backend, "by_flag", rounded)
    assert backend._flag_is_accurate.__wrapped__() is False


def test_lanes_by_the_flag_are_those_without() -> None:
    run, other = (gandyn.Run(experiment(batch_size=64), lanes=3, backend=Backend(flag=flag)) for flag in (True, False))
    for one in (run, other):
        one.advance(5)
    assert torch.allclose(run.state.d, other.state.d, rtol=1e-4, atol=1e-5)
