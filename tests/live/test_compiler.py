"""The background thread that compiles: what is asked for first, what others do meanwhile, what becomes of a failure."""

import gc
import itertools
import threading

import pytest
import torch

from gandyn.core import native
from gandyn.core.play import update_numbers
from gandyn.core.rng import Rng, places
from gandyn.core.types import FREEZES, ORDERS, UNROLL_ORDERS, Rule
from gandyn.live.compiler import Compiler, _least
from tests.live.test_stepper import until

F32 = torch.float32
pytestmark = pytest.mark.skipif(not native.INSTALLED, reason="needs numba")


class Work:
    """Compilations that last until they are let go, one at a time."""

    def __init__(self):
        self.begun, self.done, self.go = [], set(), threading.Semaphore(0)

    def prepare(self, rule, dtype):
        self.begun.append(rule)
        assert self.go.acquire(timeout=20)
        if rule.objective == "hinge":
            raise RuntimeError("no compiler")
        self.done.add(rule)

    def is_ready(self, rule, dtype):
        return rule in self.done


@pytest.fixture
def work(monkeypatch):
    work = Work()
    monkeypatch.setattr(native, "prepare", work.prepare)
    monkeypatch.setattr(native, "is_ready", work.is_ready)
    monkeypatch.setattr(native, "is_cache_complete", lambda dtype: False)
    monkeypatch.setattr(native, "mark_cache_complete", lambda dtype: work.done.add("mark"))
    return work


def test_what_somebody_waits_for_comes_before_what_fills_the_cache(work):
    compiler = Compiler()
    assert compiler.fill_cache()
    until(lambda: len(work.begun) == 1)
    wanted = Rule("wasserstein", "r1", batch_size=77, critic_steps=3)
    assert not compiler.is_ready(wanted, F32) and not compiler.is_ready(wanted, F32)
    work.go.release(2)
    until(lambda: compiler.is_ready(wanted, F32))
    assert (work.begun[1].objective, work.begun[1].penalty) == ("wasserstein", "r1")
    assert compiler.is_ready(wanted._replace(batch_size=5), F32), "sizes are nothing that is compiled"
    work.go.release(100)
    until(lambda: not any(thread.name == "gandyn-compiler" for thread in threading.enumerate()))
    assert len(work.begun) == 1 + len(native.kernels())
    assert "mark" not in work.done, "hinge could not be compiled"


def test_a_rule_is_ready_when_the_kernel_of_its_steps_is():
    from gandyn.core.native.stepping import features_of

    rules = [
        Rule(
            order=order,
            freeze=freeze,
            critic_steps=k,
            generator_steps=n,
            unroll=unroll,
            unroll_order=of,
            penalty=penalty,
        )
        for order, freeze, k, n, unroll, of, penalty in itertools.product(
            ORDERS, FREEZES, (1, 2), (1, 2), (0, 1, 3), UNROLL_ORDERS, ("none", "r1")
        )
    ]
    for rule in rules:
        assert features_of(_least(rule), F32) == features_of(rule, F32, len(update_numbers(rule))), rule
    used = {features_of(rule, F32) for rule in rules if not (rule.penalty == "r1" and features_of(rule, F32).second)}
    filled = [_least(rule) for rule in native.kernels().values()]
    assert {features_of(rule, F32) for rule in filled} == used, "all that controls can ask for, and the page with them"


def test_a_kernel_that_cannot_be_compiled_counts_as_ready(work, caplog):
    compiler = Compiler()
    assert not compiler.is_ready(Rule("hinge"), F32)
    work.go.release()
    until(lambda: compiler.is_ready(Rule("hinge"), F32))
    assert "no compiler" in caplog.text


def test_the_thread_goes_on_where_what_draws_cannot_be_compiled(work, monkeypatch, caplog):
    def fails():
        raise RuntimeError("no space")

    monkeypatch.setattr(places, "begin_preparing", lambda: fails)
    compiler = Compiler()
    work.go.release()
    until(lambda: compiler.is_ready(Rule(), F32))
    assert "no space" in caplog.text


def test_no_collection_walks_over_all_objects_while_it_compiles():
    """By the collector's own record: full collections see one function's objects; afterwards all is as before."""
    import numba

    from gandyn.live.short_pauses import short_pauses

    before, alive, seen = gc.get_threshold(), [[] for _ in range(200_000)], []

    def note(phase, info):
        if phase == "start" and info["generation"] == 2:
            seen.append(len(gc.get_objects(generation=2)))

    @numba.njit
    def function(x):
        return x + 1

    gc.collect()
    with short_pauses():
        gc.callbacks.append(note)
        try:
            function(1), function(1.0)
        finally:
            gc.callbacks.remove(note)
        assert gc.get_freeze_count() > len(alive)
    assert len(seen) >= 2 and max(seen) < len(alive)
    assert gc.get_threshold() == before and gc.get_freeze_count() == 0


def test_numpy_draws_the_same_bits_while_what_draws_is_compiled(monkeypatch):
    compiled = Rng(4, 5).normal("z", 100)
    prepare = places.begin_preparing()
    with monkeypatch.context() as patch:
        patch.setattr(places, "host", lambda: pytest.fail("it waits for the compiler"))
        assert torch.equal(Rng(4, 5).normal("z", 100), compiled)
    prepare()
    assert places._being_prepared == set()
    assert torch.equal(Rng(4, 5).normal("z", 100), compiled)
