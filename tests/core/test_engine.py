"""Which engine computes a step, and the loop that steps: a pure function of the configuration, however it is split."""

from itertools import islice

import pytest
import torch

import gandyn
from gandyn.core import drawing, dynamics, engine, native
from gandyn.core.play import draw_batches, draw_lanes, draw_steps, init_lanes
from gandyn.core.rng import Places, Rng
from gandyn.core.types import Batch, Metrics
from tests.contracts.small import experiment, same, tensors


def latents_at(latent, at, shape):
    """The z [steps, updates, (N,) B, nz] of the places that the engine is told, for batches.z of that shape."""
    steps, updates, *lanes, n, _ = shape
    wide = (1,) * len(lanes)
    offsets, numbers = torch.arange(steps).reshape(-1, 1, *wide), torch.tensor(at.updates).reshape(updates, *wide)
    places = Places(torch.tensor(at.seeds) if lanes else at.seeds[0], at.first_step + offsets, numbers)
    return places.normal("z", (n, latent.size))


@pytest.fixture
def compiled(monkeypatch):
    """In place of the compiled engine: autograd, which notes how many steps each call was of, and does no penalty."""
    calls: list[int] = []

    def advance(game, rule, state, batches, knobs, donate=False, latents=None):
        calls.append(len(batches.z))
        z = latents_at(game.latent, latents, batches.z.shape)
        batches = batches._replace(z=z, mix=torch.zeros(z.shape[:-1]))
        collected = []
        for i in range(len(batches.z)):
            own = [Batch(*(None if p is None else p[i, u] for p in batches)) for u in range(batches.z.shape[1])]
            state, metrics = dynamics.step(game, rule, state, own, knobs)
            collected.append(metrics)
        return state, Metrics(*map(torch.stack, zip(*collected, strict=True)))

    monkeypatch.setattr(native, "advance", advance)
    monkeypatch.setattr(native, "description", lambda: {"isa": "one", "numba": "1"})
    monkeypatch.setattr(
        native, "unsupported_reason", lambda game, rule: None if rule.penalty == "none" else "a penalty"
    )
    return calls


def test_the_engine_follows_from_the_configuration(compiled):
    at, with_penalty = experiment(), experiment(penalty="r1")
    assert engine.resolve(at) == engine.resolve(at.replace(engine="native")) == "native"
    assert engine.resolve(at.replace(engine="autograd")) == engine.resolve(with_penalty) == "autograd"
    assert engine.resolve(at, "mps") == "autograd"
    elsewhere = "it computes on a CPU or on CUDA, not on mps"
    for wrong, device, reason in ((with_penalty, "cpu", "a penalty"), (at, "mps", elsewhere)):
        with pytest.raises(ValueError, match=f"^engine 'native' cannot .*: {reason}.*use engine 'auto'$"):
            engine.resolve(wrong.replace(engine="native"), device)


@pytest.mark.parametrize(
    ("wanted", "penalty", "resolved", "computed"),
    [
        ("auto", "none", "native", "native"),
        ("auto", "r1", "native", "autograd"),  # what the compiled engine does not do
        ("auto", "none", "autograd", "autograd"),  # a run keeps what it was resolved to
        ("native", "none", "autograd", "native"),  # unless it is told
        ("autograd", "none", "native", "autograd"),
    ],
)
def test_the_engine_of_a_step_follows_from_its_rule_and_the_run(compiled, wanted, penalty, resolved, computed):
    at = experiment(engine=wanted, penalty=penalty)
    assert engine.engine_at(at.game, at.rule, resolved) == computed
    engine.advance(at, gandyn.init(at.game, 0), [0], 3, resolved)
    assert bool(compiled) == (computed == "native")


def test_names_of_before_are_read():
    assert experiment(engine="fused").rule.engine == "native" and gandyn.Rule(engine="reference").engine == "autograd"
    with pytest.raises(ValueError, match="engine 'numpy' is unknown"):
        experiment(engine="numpy")


@pytest.mark.parametrize("lanes", [None, 3])
@pytest.mark.parametrize("changes", [{}, {"order": "alternating", "critic_steps": 2, "penalty": "dragan"}], ids=str)
def test_the_draws_of_many_steps_are_those_of_each(lanes, changes):
    at, seeds = experiment(**changes), [4, 5, 9][: lanes or 1]
    whole = draw_steps(at, seeds, 7, 3, torch.float64, "cpu", lanes is not None)
    for i in range(3):
        rngs = [Rng(seed, 7 + i) for seed in seeds]
        own = draw_lanes(at, rngs, torch.float64) if lanes else draw_batches(at, rngs[0], torch.float64)
        for update, batch in enumerate(own):
            for part, expected in zip(whole, batch, strict=True):
                assert (part is None) == (expected is None)
                assert part is None or torch.equal(part[i, update], expected)


@pytest.mark.parametrize("name", ["native", "autograd"])
@pytest.mark.parametrize("lanes", [None, 2])
def test_steps_in_one_call_and_in_several_are_the_same(compiled, monkeypatch, name, lanes):
    at, seeds = experiment(unroll=1), [3, 4][: lanes or 1]
    start = init_lanes(at.game, 3, lanes)
    whole, at_once = engine.advance(at, start, seeds, 7, name)
    monkeypatch.setitem(drawing.CHUNK, "cpu", 1.0)
    state, parts = start, []
    for count in (1, 4, 2):
        state, metrics = engine.advance(at, state, seeds, count, name)
        parts.append(metrics)
    assert same(whole, state) and whole.step == 7
    assert all(torch.equal(a, torch.cat(b)) for a, b in zip(at_once, zip(*parts, strict=True), strict=True))
    assert at_once.f.shape == ((7,) if lanes is None else (7, lanes))
    assert compiled == ([7] + [1] * 7 if name == "native" else [])


def test_random_numbers_are_drawn_in_pieces_of_bounded_size(compiled):
    at = experiment(batch_size=4096)
    engine.advance(at, gandyn.init(at.game, 0), [0], 200, "native")
    assert sum(compiled) == 200 and len(compiled) > 1
    drawn = draw_steps(at, [0], 0, max(compiled), latents=False)
    assert sum(part.nbytes for part in drawn if part is not None) <= drawing.CHUNK["cpu"]


def test_every_loop_steps_alike(compiled):
    at = experiment()
    *_, (played, _) = islice(gandyn.play(at), 9)
    run = gandyn.Run(at)
    run.advance(9)
    assert same(played, run.state) and run.trace()["engine"]["name"] == "native"
    assert same(played, engine.advance(at, gandyn.init(at.game, at.seed), [at.seed], 9, "native")[0])


def test_an_engine_that_is_not_there_is_refused_and_changes_nothing(compiled):
    run = gandyn.Run(experiment(engine="native"))
    run.advance(2)
    with pytest.raises(ValueError, match="a penalty; use engine 'auto'$"):
        run.set(penalty="r1")
    run.advance(2)
    assert run.experiment.rule.penalty == "none" and not run.events()
    run.set(engine="auto", penalty="r1")
    run.advance(2)
    assert tensors(run.state)["g"].isfinite().all() and run.trace()["engine"]["name"] == "native"
