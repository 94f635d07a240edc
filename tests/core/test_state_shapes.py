"""What does not fit the game is refused in one line, the same whichever engine computes: nothing is read beyond it."""

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import engine, native
from gandyn.core.play import init_lanes
from gandyn.core.types import Batch, State
from tests.contracts.small import experiment as small
from tests.contracts.small import same

F32, F64 = torch.float32, torch.float64
needs_numba = pytest.mark.skipif(not native.INSTALLED, reason="needs numba")
ENGINES = ["auto", pytest.param("native", marks=needs_numba), "autograd"]
GAME = gandyn.Game(
    gandyn.mlp([3, 5, 2]), gandyn.mlp([2, 6, 1]), gandyn.adam(), gandyn.adam(), gandyn.Latent(3)
)  # fmt: skip
OTHER = GAME._replace(generator=gandyn.mlp([3, 7, 2]), optimizer_d=gandyn.sgd())
ALONE, LANES = gandyn.init(GAME, 0, F64), init_lanes(GAME, 0, 3, F64)


def numbers(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=F64)


def batch(*lead: int) -> Batch:
    return Batch(numbers(*lead, 2), numbers(*lead, 3), numbers(*lead), numbers(*lead, 2))


B = batch(8)
CASES = {
    "latents": (ALONE, B._replace(z=numbers(8, 5)), {}, "batch.z must be [B, 3], not [8, 5]"),
    "samples": (ALONE, B._replace(real=numbers(8, 1)), {}, "batch.real must be [B, 2], not [8, 1]"),
    "empty": (ALONE, batch(0), {}, "batch.z must be [B, 3], not [0, 3]"),
    "mix": (ALONE, B._replace(mix=numbers(3)), {}, "batch.mix must be [8], not [3]"),
    "noise": (ALONE, B._replace(noise=numbers(3, 2)), {}, "batch.noise must be [8, 2], not [3, 2]"),
    "no noise": (ALONE, B._replace(noise=None), {}, "penalty 'dragan' needs batch.noise [B, *x], drawn from U(-1, 1)"),
    "float32": (ALONE, B._replace(real=B.real.float()), {},
                "batch.real must be of the type of the state's g, float64, not float32"),
    "d of float32": (ALONE._replace(d=ALONE.d.float()), B, {},
                     "the state's d must be of the type of the state's g, float64, not float32"),
    "moments of float32": (ALONE._replace(opt_d=GAME.optimizer_d.init(ALONE.d.float())), B, {},
                           "the state's opt_d.m must be of the type of the state's g, float64, not float32"),
    "another game": (gandyn.init(OTHER, 0, F64), B, {}, "the state's g must be [32], not [44]"),
    "average": (ALONE._replace(ema_g=ALONE.g[:-1]), B, {}, "the state's ema_g must be [32], not [31]"),
    "optimiser": (ALONE._replace(opt_d=OTHER.optimizer_d.init(ALONE.d)), B, {},
                  "the state's opt_d must hold adam's m, v, t, not m, t"),
    "axes": (ALONE._replace(g=ALONE.g[None, None]), B, {},
             "the state's g must be [P] or, with lanes, [N, P], not [1, 1, 32]"),
    "no lanes in the batch": (LANES, B, {}, "batch.z must be [3, B, 3], not [8, 3]"),
    "no lanes in the state": (ALONE, batch(3, 8), {}, "batch.z must be [B, 3], not [3, 8, 3]"),
    "too few lanes": (LANES, batch(2, 8), {}, "batch.z must be [3, B, 3], not [2, 8, 3]"),
    "moments of one": (LANES._replace(opt_d=ALONE.opt_d), batch(3, 8), {},
                       "the state's opt_d.m must be [3, P], not [25]"),
    "rates": (LANES, batch(3, 8), {"lr_d": torch.tensor([0.1, 0.2])},
              "lr_d has 2 values, one for each of as many lanes, but the run has 3 lanes"),
}  # fmt: skip


def step(name: str, state: State, batches: list[Batch], **knobs: float | Tensor):
    rule = gandyn.Rule(penalty="dragan", batch_size=8, engine=name)
    return gandyn.step(GAME, rule, state, batches, gandyn.Knobs(**knobs))


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_refused(case, name):
    state, wrong, knobs, line = CASES[case]
    with pytest.raises(ValueError) as refused:
        step(name, state, [wrong], **knobs)
    assert str(refused.value) == line


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("count", [0, 3])
def test_the_number_of_batches(count, name):
    with pytest.raises(ValueError, match=rf"^this rule takes 1 batch \(shared\) or 2 \(one an update\), not {count}$"):
        step(name, ALONE, [B] * count)


@needs_numba
def test_moments_of_another_size():
    """Whose size an optimiser of somebody's own may choose; the compiled engine's are as many as the parameters."""
    cut = ALONE._replace(opt_g=ALONE.opt_g._replace(v=ALONE.g[:-1]))
    with pytest.raises(ValueError, match=r"^the state's opt_g\.v must be \[32\], not \[31\]$"):
        step("native", cut, [B])


@needs_numba
def test_minibatches_of_two_sizes_are_for_autograd():
    reference, _ = step("autograd", ALONE, [B, batch(5)])
    assert same(step("auto", ALONE, [B, batch(5)])[0], reference)
    with pytest.raises(ValueError, match="^engine 'native' takes batches of one size alone; use engine 'auto'$"):
        step("native", ALONE, [B, batch(5)])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_for_autograd(dtype):
    state, halves = gandyn.init(GAME, 0, dtype), Batch(*(part.to(dtype) for part in B if part is not None))
    reference, _ = step("autograd", state, [halves])
    assert same(step("auto", state, [halves])[0], reference)
    with pytest.raises(
        ValueError, match="^engine 'native' cannot .*: it computes in float32 and float64 alone, not in"
    ):
        step("native", state, [halves])
    run = gandyn.Run(gandyn.preset("collapse", batch_size=8), dtype=dtype)
    assert run.advance(2) == 2 and run.state.g.dtype == dtype


def test_steps_end_where_their_random_numbers_would_begin_again():
    experiment = small(batch_size=8)
    late = gandyn.init(experiment.game, 0)._replace(step=2**32 - 2)
    for name in ("native", "autograd"):
        assert engine.advance(experiment, late, [0], 2, name)[0].step == 2**32
        with pytest.raises(ValueError, match=r"^step must be a whole number in \[0, 4294967295\], not 4294967296$"):
            engine.advance(experiment, late, [0], 3, name)


def test_every_lane_has_a_seed():
    experiment = small(batch_size=8)
    two = init_lanes(experiment.game, 0, 2)
    stepping = gandyn.play(experiment, state=two, seed=2**53 - 1)
    with pytest.raises(
        ValueError, match=r"^seed must be a whole number in \[0, 9007199254740991\], not 9007199254740992$"
    ):
        next(stepping)
    with pytest.raises(ValueError, match="^the state has 2 lanes, but the run has 3 seeds: one for each lane$"):
        gandyn.Run(experiment, state=two, lanes=3).advance()
    with pytest.raises(ValueError, match="^the state has no lanes, but the run has 2 seeds: one for each lane$"):
        engine.advance(experiment, gandyn.init(experiment.game, 0), [0, 1], 1, "native")


@needs_numba
def test_what_has_a_graph_is_read_all_the_same():
    plain, _ = step("native", ALONE, [B])
    with_graph, _ = step(
        "native", ALONE._replace(g=ALONE.g.clone().requires_grad_()), [B._replace(z=B.z.clone().requires_grad_())]
    )
    assert same(plain, with_graph)
