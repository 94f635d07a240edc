"""The compiled engine's results to the bit: however steps and lanes are grouped, on one thread and two, with AVX2."""

import hashlib
import json
import os
import random
import subprocess
import sys
import threading

import llvmlite.binding as llvm
import pytest
import torch

import gandyn
from gandyn.core import native
from gandyn.core.lanes import knobs_of, lane
from gandyn.core.native import compiling, processor, stepping, team
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.trees import leaves
from tests.contracts import settings
from tests.contracts.comparing import compare
from tests.contracts.small import same

COMMON = {"start": "moments", "shared": False, "lanes": 3}
KINDS = [{"ahead": (0, "second"), "penalty": "none"}, {"ahead": (3, "second"), "penalty": "none"}]
KINDS += [{"ahead": (2, "first"), "penalty": "dragan"}, {"ahead": (0, "second"), "penalty": "gradient-penalty"}]
DTYPES = [torch.float32, torch.float64]
ROWS = settings.covering()


def case(seed: int, dtype: torch.dtype, **chosen):
    """(game, rule, state, batches of four steps [4, updates, lanes, B, ...], knobs) of a random row."""
    row = settings.complete(COMMON | KINDS[seed % len(KINDS)] | chosen, random.Random(seed))
    assert row is not None
    game, rule, knobs = settings.game_of(row), settings.rule_of(row), settings.knobs_of(row, random.Random(seed))
    state = settings.cast(settings.start_of(row, game, seed), dtype)
    each = [settings.batches_of(row, 10 * seed + i) for i in range(4)]
    parts = zip(
        *(
            [torch.stack(part).to(dtype) for part in zip(*(one[:4] for one in batches), strict=True)]
            for batches in each
        ),
        strict=True,
    )
    return game, rule, state, gandyn.Batch(*map(torch.stack, parts)), knobs


def equal(one, other) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(8))
def test_steps_in_one_call_are_the_steps_one_by_one(seed, dtype):
    game, rule, state, batches, knobs = case(seed, dtype)
    together, metrics = native.advance(game, rule, state, batches, knobs)
    for i in range(4):
        own = [gandyn.Batch(*(part[i, j] for part in batches[:4])) for j in range(batches.z.shape[1])]
        state, each = native.step(game, rule, state, own, knobs)
        assert equal(each, [values[i] for values in metrics])
    assert same(state, together)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(8))
def test_a_lane_is_the_run_alone(seed, dtype):
    game, rule, state, batches, knobs = case(seed, dtype)
    together, metrics = native.advance(game, rule, state, batches, knobs)
    for i in range(3):
        alone = gandyn.Batch(*(part[:, :, i] for part in batches[:4]))
        own, its = native.advance(game, rule, lane(state, i), alone, knobs_of(knobs, i))
        assert same(lane(together, i), own) and equal(its, [values[:, i] for values in metrics])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(4))
def test_two_threads_are_one(seed, dtype):
    game, rule, state, batches, knobs = case(seed, dtype)
    one, metrics = native.advance(game, rule, state, batches, knobs)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two, its = native.advance(game, rule, state, batches, knobs)
    finally:
        torch.set_num_threads(before)
    assert same(one, two) and equal(metrics, its)


@pytest.fixture
def in_parts(monkeypatch):
    """Minibatches of more than one block are cut into parts, however small the networks are."""
    monkeypatch.setattr(team, "WORTHWHILE", 0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(12))
def test_two_threads_compute_a_minibatch_as_one_does(in_parts, seed, dtype):
    game, rule, state, batches, knobs = case(seed, dtype, lanes=seed % 2, samples=100)
    one, metrics = native.advance(game, rule, state, batches, knobs)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two, its = native.advance(game, rule, state, batches, knobs)
    finally:
        torch.set_num_threads(before)
    assert same(one, two) and equal(metrics, its)


def test_a_team_whose_first_thread_is_stopped_leaves_nobody_waiting(in_parts, monkeypatch):
    game, rule, state, batches, knobs = case(0, torch.float32, lanes=0, samples=100)
    one, _ = native.advance(game, rule, state, batches, knobs)
    entry, addresses = compiling.kernel(
        OBJECTIVES[rule.objective].vectors, stepping.features_of(rule, torch.float32, batches.z.shape[1])
    )
    team_of_stopped = []

    def stopped(*arguments):
        team_of_stopped.append(threading.current_thread())
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        entry(*arguments)

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(stepping, "kernel", lambda *_: (stopped, addresses))
            native.advance(game, rule, state, batches, knobs)
        two, _ = native.advance(game, rule, state, batches, knobs)
    finally:
        torch.set_num_threads(before)
    assert same(one, two) and len(set(team_of_stopped)) == 2


@pytest.mark.parametrize("i", [i for i, row in enumerate(ROWS) if row["samples"] == 100])
def test_parts_are_the_whole_but_for_rounding(in_parts, i):
    assert compare(ROWS[i], i, most=1e-9) == {}


def digests(dtype: str) -> list[str]:
    """Of four steps of rows with every activation and output."""
    hashes = []
    for kind in range(len(KINDS)):
        for i, activation in enumerate(settings.CHOICES["activation_d"]):
            output = settings.CHOICES["output"][i % 3]
            chosen = {"activation_d": activation, "activation_g": activation, "output": output}
            after, metrics = native.advance(*case(kind + 4 * i, getattr(torch, dtype), **chosen))
            tensors = [leaf for _, leaf in leaves(after) if isinstance(leaf, torch.Tensor)]
            bits = b"".join(tensor.contiguous().numpy().tobytes() for tensor in (*tensors, *metrics))
            hashes.append(hashlib.sha256(bits).hexdigest())
    return hashes


@pytest.mark.skipif(processor.INSTRUCTIONS != "avx512", reason="compiled for AVX2 already")
@pytest.mark.skipif(not llvm.get_host_cpu_features().get("fma"), reason="no fused multiply-add here")
@pytest.mark.slow  # it compiles all kernels for other instructions
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_avx2_has_the_same_bits(dtype):
    script = (
        "import json, torch; torch.set_num_threads(1); from gandyn.core.native import processor;"
        " from tests.contracts.test_native_bits import digests;"
        f" print(json.dumps([processor.INSTRUCTIONS, digests({dtype!r})]))"
    )
    environment = os.environ | {"NUMBA_CPU_NAME": "haswell"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    instructions, theirs = json.loads(done.stdout)
    assert instructions == "avx2" and theirs == digests(dtype)
