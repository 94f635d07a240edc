"""The kernel of the step on CUDA against autograd: on the device where there is one, else in Triton's interpreter."""

import dataclasses
import random

import pytest
import torch

import gandyn
from gandyn.core import cuda, engine
from gandyn.core.lanes import lane, stack
from gandyn.core.native import networks
from gandyn.core.nets import mlp
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.play import draw_steps, init_lanes
from gandyn.core.trees import tensors
from gandyn.core.types import Game, Knobs, Latent, Rule

pytest.importorskip("triton")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
NEAR = {torch.float64: 1e-10, torch.float32: 1e-4}  # relative to the norm
KNOBS = Knobs(1e-2, 5e-3, 0.5, 0.9, 1e-6)


def setting(widths=((3, 20, 17, 2), (2, 18, 1)), activation="relu", optimizers=("adam", "adam"), knobs=KNOBS, **rule):
    """An experiment of these networks, under this rule."""
    generator, critic = widths
    game = Game(
        mlp(list(generator), activation, "orthogonal"),
        mlp(list(critic), activation, "orthogonal", input_scale=0.3),
        *(OPTIMIZERS[name] for name in optimizers),
        Latent(generator[0]),
    )
    return dataclasses.replace(
        gandyn.preset("collapse"), game=game, rule=Rule(**{"batch_size": 40} | rule), knobs=knobs
    )


def started(at, lanes, dtype):
    """A state with moments, after two steps in autograd."""
    state, seeds = init_lanes(at.game, 0, lanes, dtype, DEVICE), range(lanes or 1)
    drawn = draw_steps(at, seeds, 0, 2, dtype, DEVICE, lanes is not None)
    return engine._steps_in_autograd(at.game, at.rule, state, drawn, at.knobs)[0]


def compare(at, lanes=None, dtype=torch.float64, steps=3):
    assert cuda.unsupported_reason(at.game, at.rule) is None
    state = started(at, lanes, dtype)
    drawn = draw_steps(at, range(lanes or 1), 2, steps, dtype, DEVICE, lanes is not None)
    ours, metrics = cuda.advance(at.game, at.rule, state, drawn, at.knobs)
    theirs, expected = engine._steps_in_autograd(at.game, at.rule, state, drawn, at.knobs)
    assert ours.step == theirs.step == 2 + steps
    for one, other in zip(tensors(ours), tensors(theirs), strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype
        assert float((one - other).double().norm()) <= NEAR[dtype] * float(other.double().norm()) + 1e-300
    for one, other in zip(metrics, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=NEAR[dtype], atol=NEAR[dtype])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_both_players_at_once(dtype):
    compare(setting(), dtype=dtype)


def test_lanes_with_numbers_of_their_own():
    one = torch.tensor([1e-2, 1e-3, 0.0], dtype=torch.float64)
    other = torch.tensor([0.0, 0.1, 0.2], dtype=torch.float64)
    compare(setting(knobs=Knobs(one, 1e-2, 0.5, 0.9, 1e-6, clip=other, ema=other)), lanes=3)


@pytest.mark.parametrize(
    "changes",
    [
        {"order": "alternating", "critic_steps": 2, "generator_steps": 2, "objective": "non-saturating"},
        {"order": "generator-first", "critic_steps": 2, "objective": "wasserstein"},
        {"critic_steps": 2, "generator_steps": 3, "objective": "relativistic"},
        {"freeze": "critic", "objective": "hinge"},
        {"freeze": "generator", "objective": "least-squares"},
    ],
    ids=str,
)
def test_orders_and_frozen_players(changes):
    compare(setting(**changes))


def random_setting(seed):
    draw = random.Random(seed)
    widths = [1, 2, 5, 16, 17, 31, 32, 33, 48, 64]
    generator = [draw.choice([1, 3, 16, 65, 130]), *draw.choices(widths, k=draw.randint(0, 3)), 2]
    critic = [2, *draw.choices(widths, k=draw.randint(0, 3)), 1]
    knobs = Knobs(
        1e-3, 1e-3, draw.choice([0.0, 0.5]), 0.9, 1e-4, clip=draw.choice([0.0, 0.1]), ema=draw.choice([0.0, 0.9])
    )
    return setting(
        (generator, critic),
        draw.choice(["tanh", "relu", "leaky-relu", "elu", "softplus"]),
        (draw.choice(networks.OPTIMIZERS), draw.choice(networks.OPTIMIZERS)),
        knobs,
        objective=draw.choice(["minimax", "non-saturating", "wasserstein", "hinge", "least-squares", "relativistic"]),
        order=draw.choice(["simultaneous", "alternating", "generator-first"]),
        critic_steps=draw.choice([1, 1, 2, 3]),
        generator_steps=draw.choice([1, 1, 2]),
        freeze=draw.choice(["none"] * 4 + ["critic", "generator"]),
        batch_size=draw.choice([1, 3, 16, 40, 64, 100]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_random_settings(seed):
    at = random_setting(seed)
    # relativistic: the last bias cancels exactly, so in float32 its moments are rounding alone
    exact = seed % 2 == 0 or at.rule.objective == "relativistic"
    compare(at, lanes=[None, 1, 3][seed % 3], dtype=torch.float64 if exact else torch.float32)


def test_a_lane_is_the_run_alone_and_calls_may_be_split():
    """To the last bit."""
    at, seeds = setting(), range(3)
    state, drawn = started(at, 3, torch.float32), draw_steps(setting(), seeds, 2, 3, torch.float32, DEVICE, True)
    whole, _ = cuda.advance(at.game, at.rule, state, drawn, at.knobs)
    parts = state
    for i in range(3):
        batches = [type(drawn)(*(part[i, 0] if part is not None else None for part in drawn))]
        parts, _ = cuda.step(at.game, at.rule, parts, batches, at.knobs)
    assert all(map(torch.equal, tensors(whole), tensors(parts)))
    alone = []
    for i in seeds:
        own = type(drawn)(*(part[:, :, i] if part is not None else None for part in drawn))
        alone.append(cuda.advance(at.game, at.rule, lane(state, i), own, at.knobs)[0])
    assert all(map(torch.equal, tensors(whole), tensors(stack(alone))))


def test_what_is_lost_stays_lost_in_its_lane():
    at = setting()
    state = started(at, 2, torch.float64)
    state.g[0, 0] = torch.nan
    after, metrics = cuda.advance(
        at.game, at.rule, state, draw_steps(at, [0, 1], 2, 2, torch.float64, DEVICE, True), at.knobs
    )
    assert after.g[0].isnan().any() and after.g[1].isfinite().all()
    assert metrics.f[:, 0].isnan().all() and metrics.f[:, 1].isfinite().all()


def test_moments_of_another_size_are_refused():
    at = setting()
    state, drawn = started(at, None, torch.float64), draw_steps(at, [0], 2, 1, torch.float64, DEVICE)
    wrong = state._replace(opt_d=state.opt_d._replace(v=state.opt_d.v[:-1]))
    with pytest.raises(ValueError, match=r"^the state's opt_d.v must be "):
        cuda.advance(at.game, at.rule, wrong, drawn, at.knobs)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unroll": 1}, "a look-ahead"),
        ({"penalty": "r1"}, "a penalty"),
        ({"objective": "log-sigmoid"}, "the objective log-sigmoid"),
        ({"widths": ((3, 65, 2), (2, 18, 1))}, "the generator is 65 units wide"),
    ],
)
def test_what_it_does_not_do(changes, reason):
    at = setting(**changes)
    assert cuda.unsupported_reason(at.game, at.rule).startswith(reason)
    assert engine.resolve(at, "cuda") == "autograd"
    with pytest.raises(ValueError, match=f"engine 'native' cannot .*: {reason}.*use engine 'auto'$"):
        engine.resolve(at.replace(engine="native"), "cuda")
    assert engine.resolve(setting(), "cuda") == "native"
