"""The words: known answers, their layout, and that three implementations of all numbers give the same bits."""

import itertools
import math
import sys

import numpy as np
import pytest
import torch

import gandyn.core.rng
from gandyn.core.rng import STREAMS, Places, Rng, arrays, permutation, tensors
from gandyn.core.rng.formulas import GROUP, LANES
from gandyn.core.rng.places import host

PI_COUNTER, PI_KEY = "243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0"
KNOWN = [  # Random123 1.14, tests/kat_vectors: counter, key, words of philox4x32 with 10 rounds
    ("00000000 " * 4, "00000000 " * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (PI_COUNTER, PI_KEY, "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
LAWS = ("words", "uniform", "normal")
SEEDS, STEPS, UPDATES = (0, 2**32 + 5, 2**53 - 1), (0, 7, 2**32 - 1), (1, 2**20, 2**32 - 1)


def parsed(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def from_numpy(module: object, law: str, stream: int, count: int) -> np.ndarray:
    seeds, steps, updates = np.array(SEEDS, np.uint64), np.array(STEPS), np.array(UPDATES)
    return getattr(module, law)(seeds, stream, steps, updates, count)


def from_torch(law: str, stream: int, count: int, device: str = "cpu") -> np.ndarray:
    places = [torch.tensor(values, device=device) for values in (SEEDS, STEPS, UPDATES)]
    return getattr(tensors, law)(places[0], stream, places[1], places[2], count).cpu().numpy()


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(counter, key, words):
    """Random123's own, for the two implementations that take any counter."""
    c, k = parsed(counter), parsed(key)
    asked = arrays.philox(tuple(np.array([w], np.uint32) for w in c), tuple(np.array([w], np.uint32) for w in k))
    assert [int(w[0]) for w in asked] == parsed(words)
    asked = tensors.philox(tuple(torch.tensor([w]) for w in c), tuple(torch.tensor([w]) for w in k))
    assert [int(w) for w in asked] == parsed(words)


def word_of(seed: int, stream: int, step: int, update: int, i: int) -> int:
    """Number i as docs/maths.md says, in Python's whole numbers."""
    q, j, k = i // 64, i % 64 // 16, i % 16
    c, key = [16 * q + k, step, update, stream], [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p, r = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(r >> 32) ^ c[1] ^ key[0], r & 0xFFFFFFFF, (p >> 32) ^ c[3] ^ key[1], p & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[j]


@pytest.mark.parametrize("name", ["numba", "numpy", "torch"])
def test_the_layout(name):
    """Every implementation has at every index the word that the documented layout puts there."""
    count = 2 * GROUP + LANES + 3
    if name == "torch":
        drawn = from_torch("words", 3, count)
    else:
        module = pytest.importorskip("gandyn.core.rng.compiled") if name == "numba" else arrays
        drawn = from_numpy(module, "words", 3, count)
    for row, (seed, step, update) in enumerate(zip(SEEDS, STEPS, UPDATES, strict=True)):
        assert drawn[row].tolist() == [word_of(seed, 3, step, update, i) for i in range(count)]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000, 70_001])
def test_three_implementations_give_the_same_bits(law, count):
    """numba, NumPy (beyond one chunk of it, too) and torch on a CPU."""
    compiled = pytest.importorskip("gandyn.core.rng.compiled")
    one, two, three = (
        from_numpy(compiled, law, 5, count), from_numpy(arrays, law, 5, count), from_torch(law, 5, count),
    )  # fmt: skip
    assert one.shape == (3, count) and np.array_equal(one, two) and np.array_equal(one, three)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("count", [1, 63, 65, 4200])
def test_the_kernel_for_cuda_gives_the_same_bits(law, count):
    """On the device where there is one, else in Triton's interpreter."""
    pytest.importorskip("triton")
    from gandyn.core.rng import triton_kernels

    device = "cuda" if torch.cuda.is_available() else "cpu"
    places = [torch.tensor(values, device=device) for values in (SEEDS, STEPS, UPDATES)]
    drawn = getattr(triton_kernels, law)(places[0], 5, places[1], places[2], count).cpu().numpy()
    assert np.array_equal(drawn, from_numpy(arrays, law, 5, count))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("law", LAWS)
def test_a_cuda_device_gives_the_same_numbers(law):
    """Words are equal, floats within 2e-6; a captured graph reads the step anew."""
    here, there = from_torch(law, 5, 70_001), from_torch(law, 5, 70_001, "cuda")
    assert np.array_equal(here, there) if law == "words" else np.abs(here - there).max() < 2e-6
    step = torch.zeros((), dtype=torch.int64, device="cuda")
    places = Places(torch.tensor([3, 4], device="cuda"), step, torch.zeros(2, dtype=torch.int64, device="cuda"))
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        getattr(places, law)("z", (100,), "cuda")
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        drawn = getattr(places, law)("z", (100,), "cuda")
    for now in (0, 8):
        step.fill_(now)
        graph.replay()
        expected = getattr(Places(np.array([3, 4]), now), law)("z", (100,))
        torch.testing.assert_close(drawn.cpu(), expected, atol=2e-6, rtol=0)


def test_without_numba_numpy_takes_over(monkeypatch):
    """The same bits, on a machine where numba cannot be imported."""
    compiled = Rng(4, 5).normal("z", 100)
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "gandyn.core.rng.compiled", raising=False)
    monkeypatch.delattr(gandyn.core.rng, "compiled", raising=False)
    host.cache_clear()
    try:
        assert host() is arrays and torch.equal(Rng(4, 5).normal("z", 100), compiled)
    finally:
        host.cache_clear()


def test_a_longer_draw_begins_with_a_shorter_one():
    """Number i does not depend on how many are asked for."""
    for law in ("uniform", "normal"):
        long = getattr(Rng(2, 3, 4), law)("z", 500)
        assert torch.equal(getattr(Rng(2, 3, 4), law)("z", 77), long[:77])


def test_places_are_broadcast():
    """Arrays of seeds, steps and updates of any shapes that fit: every place has its own numbers."""
    steps, updates = torch.arange(4).reshape(4, 1, 1), torch.arange(2).reshape(2, 1)
    places = Places(torch.tensor([7, 2**40, 7]), steps, updates)
    drawn = places.normal("z", (5, 3))
    assert drawn.shape == (4, 2, 3, 5, 3)
    for step, update, lane in itertools.product(range(4), range(2), range(3)):
        own = Rng((7, 2**40, 7)[lane], step, update)
        assert torch.equal(drawn[step, update, lane], own.normal("z", 5, 3))


def test_no_two_places_share_a_block():
    """By construction: the stream, the update, the step and the block are words of the counter of their own."""
    assert len(set(STREAMS.values())) == len(STREAMS) and all(0 <= number < 2**32 for number in STREAMS.values())
    places = list(itertools.product((0, 1), (0, 1, 2), (0, 1, 2), ("z", "mix")))
    words = torch.cat([Places(s, t, u).words(stream, (256,)) for s, t, u, stream in places])
    pairs = words.reshape(-1, 4, LANES).transpose(1, 2).reshape(-1, 4)  # the blocks
    assert len({tuple(block) for block in pairs.tolist()}) == len(pairs)


def test_permutations():
    """Each place once; every place is as likely everywhere (chi square of 100 x 100 counts, 4 standard deviations)."""
    drawn = torch.stack([permutation(0, "epoch", epoch, 100) for epoch in range(2000)])
    assert all(sorted(one) == list(range(100)) for one in drawn[:20].tolist())
    assert not torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], permutation(1, "epoch", 0, 100))
    counts = torch.stack([torch.bincount(drawn[:, i], minlength=100) for i in range(100)]).double()
    chi = float(((counts - 20) ** 2 / 20).sum())
    freedom = 99 * 99
    assert abs(chi - freedom) < 4 * math.sqrt(2 * freedom)
    neighbours = (drawn[:, 1:] == drawn[:, :-1] + 1).sum(1).double().mean()  # 99 / 100 on average, variance near 1
    assert abs(float(neighbours) - 0.99) < 4 / math.sqrt(2000)
