"""Several penalties at once: their names as one text, their weights, and that their losses add up."""

from dataclasses import replace

import pytest
import torch

import gandyn
from gandyn.core.engine import unsupported_reason
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import canonical
from gandyn.records.config import from_config, to_config
from gandyn.sweep.lanes import _together
from tests.contracts.small import experiment, same

SETS = ["r1+r2", "gradient-penalty+r1+dragan", "one-sided+r2"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("r2+r1", "r1+r2"), ("r1 r2", "r1+r2"), (" r1 + r2 ", "r1+r2"), (("r2", "r1"), "r1+r2"), (["r2"], "r2"),
        ("none", "none"), ("none+r1", "r1"), ((), "none"), ("dragan+gradient-penalty", "gradient-penalty+dragan"),
    ],
)  # fmt: skip
def test_a_set_has_one_name_in_the_order_of_the_registry(given, wanted):
    assert canonical(given) == wanted == experiment(penalty=given).rule.penalty
    assert gandyn.Rule(penalty=given) == gandyn.Rule(penalty=wanted)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("r1+r1", r"^penalty 'r1' is there twice in 'r1\+r1': name each once$"),
        ("r1+one-side", r"^penalty 'one-side' is unknown; did you mean 'one-sided'\? \(one of: none, "),
        ("r1,r2", r"^penalty takes names with \+ between, as r1\+r2, not 'r1,r2'$"),
        ("", r"^penalty '' is unknown "),
        ("r1+", r"^penalty '' is unknown "),
        ("+", r"^penalty '' is unknown "),
        ("r1 r1", r"^penalty 'r1' is there twice in 'r1\+r1': name each once$"),
        (3, r"^penalty 3 is unknown "),
    ],
)
def test_what_is_no_set_is_refused_in_one_line(given, line):
    with pytest.raises(ValueError, match=line):
        experiment(penalty=given)


def test_a_weight_of_its_own_is_refused_like_any_number_and_under_no_other_name():
    for name, value, line in (
        ("penalty.r1", -1, r"^penalty.r1 must be a number in \[0, 1e\+06\], not -1$"),
        ("penalty.r1", "much", r"^penalty.r1 must be a number in \[0, 1e\+06\], not 'much'$"),
        ("penalty.r3", 1, r"^control 'penalty.r3' is unknown; did you mean 'penalty.r\d'\?"),
        ("penalty.none", 1, r"^control 'penalty.none' is unknown"),
    ):
        with pytest.raises(ValueError, match=line):
            experiment(**{name: value})
    with pytest.raises(ValueError, match=r"^penalty with a weight 'none' is unknown"):
        gandyn.Knobs(weights={"none": 1.0})


def after(at: gandyn.Experiment) -> torch.Tensor:
    """The critic after one step of gradient descent in float64 by autograd."""
    at = at.replace(optimizer_g="sgd", optimizer_d="sgd", beta1=0.0, engine="autograd")
    state = gandyn.init(at.game, 0, dtype=torch.float64)
    batches = gandyn.draw_batches(at.replace(penalty="dragan"), gandyn.Rng(0), dtype=torch.float64)
    return gandyn.step(at.game, at.rule, state, batches, at.knobs)[0].d


@pytest.mark.parametrize("penalty", SETS)
def test_the_gradients_of_a_set_add_up_each_with_its_weight(penalty):
    """Gradient descent moves by the sum of what each penalty alone adds, in whatever order they are named."""
    names = penalty.split("+")
    weights = {f"penalty.{name}": 0.3 + i for i, name in enumerate(names)}
    plain = after(experiment())
    alone = [after(experiment(penalty=name, penalty_weight=weights[f"penalty.{name}"])) - plain for name in names]
    together = after(experiment(penalty=penalty, **weights)) - plain
    assert all(float(part.abs().max()) > 1e-6 for part in alone)
    torch.testing.assert_close(together, sum(alone), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    "how", [{}, {"order": "alternating", "critic_steps": 2}, {"unroll": 2, "unroll_order": "first"}]
)
@pytest.mark.parametrize("penalty", SETS)
def test_the_compiled_engine_takes_sets_as_autograd_does(penalty, how):
    weights = {f"penalty.{name}": 0.3 + i for i, name in enumerate(penalty.split("+"))}
    at = experiment(penalty=penalty, **weights, **how)
    assert unsupported_reason(at.game, at.rule, dtype=torch.float64) is None
    ends = []
    for engine in ("native", "autograd"):
        state = gandyn.init(at.game, 0, dtype=torch.float64)
        for step in range(3):
            batches = gandyn.draw_batches(at, gandyn.Rng(0, step), dtype=torch.float64)
            state, metrics = gandyn.step(at.game, at.rule._replace(engine=engine), state, batches, at.knobs)
        ends.append((state, metrics))
    for name in ("g", "d"):
        torch.testing.assert_close(getattr(ends[0][0], name), getattr(ends[1][0], name), rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(ends[0][1].critic_loss, ends[1][1].critic_loss, rtol=1e-11, atol=0)


@pytest.mark.parametrize("engine", ["native", "autograd"])
def test_a_weight_of_its_own_is_the_common_one_by_another_name(engine):
    """The same bits, alone and in a set; of a set the common weight is that of those that have none."""
    plain = experiment(engine=engine)
    run = lambda **controls: gandyn.Run(plain.replace(**controls))  # noqa: E731
    pairs = [
        (run(penalty="r1", penalty_weight=7), run(penalty="r1", **{"penalty.r1": 7})),
        (run(penalty="r1+r2", penalty_weight=7, **{"penalty.r2": 2}),
         run(penalty="r2+r1", penalty_weight=2, **{"penalty.r1": 7})),
    ]  # fmt: skip
    for one, other in pairs:
        one.advance(3)
        other.advance(3)
        assert same(one.state, other.state)


@pytest.mark.parametrize("engine", ["native", "autograd"])
def test_lanes_with_weights_of_their_own_are_runs_with_these_weights(engine):
    at = experiment(penalty="r1+r2", engine=engine)
    lanes = gandyn.Run(at, lanes=3)
    lanes.set(**{"penalty.r1": [0.0, 1.0, 9.0], "penalty_weight": [2.0, 0.5, 0.0]})
    lanes.advance(4)
    for i, (own, common) in enumerate(zip((0.0, 1.0, 9.0), (2.0, 0.5, 0.0), strict=True)):
        alone = gandyn.Run(at.replace(seed=i, penalty_weight=common, **{"penalty.r1": own}))
        alone.advance(4)
        torch.testing.assert_close(lanes.state.d[i], alone.state.d, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match=r"^penalty.r1 has 2 values, one for each of as many lanes, but the run has 3"):
        lanes.set(**{"penalty.r1": [1.0, 2.0]})


def test_weights_go_through_a_configuration_and_through_changes():
    """Kept while their penalty is not chosen, so that it comes back with it; what has no effect says why."""
    at = experiment(penalty="r1", **{"penalty.r1": "10"})
    assert at.values()["penalty.r1"] == 10 and set(at.values()) == set(at.controls())
    assert from_config(to_config(replace(at, name="ring"))).values() == at.values()
    known = at.controls()
    assert known["penalty.r1"].idle(at) is None and known["penalty.r1"].title == "weight of r1"
    assert known["penalty_weight"].idle(at) == "r1 has a weight of its own"
    both = at.replace(penalty="r1+r2")
    assert known["penalty_weight"].idle(both) is None
    weights = both.replace(**{"penalty.r2": 0})
    assert known["penalty_weight"].idle(weights) == "r1 and r2 have weights of their own"
    assert known["penalty"].idle(weights.replace(**{"penalty.r1": 0})) == "all their weights are 0"
    off = both.replace(penalty="none")
    assert off.values()["penalty.r1"] == 10 and known["penalty.r1"].idle(off) == "penalty r1 is not chosen"
    assert off.replace(penalty="r1") == at


def test_switching_penalties_on_the_way_keeps_weights_and_moments():
    """What a step begins with is the state that the step before has left, whichever penalties they are under."""
    run = gandyn.Run(experiment())
    for penalty in ("r1", "r1+r2", "dragan", "none"):
        before = run.state
        run.set(penalty=penalty)
        run.advance(1)
        at = experiment(penalty=penalty)
        batches = gandyn.draw_batches(at, gandyn.Rng(0, before.step))
        assert same(gandyn.step(at.game, at.rule, before, batches, at.knobs)[0], run.state)
    assert int(run.state.opt_d.t) == 4


def test_the_data_are_the_same_with_any_set():
    plain = gandyn.draw_batches(experiment(), gandyn.Rng(3, 5))[0]
    for penalty in ["+".join(name for name in PENALTIES if name != "none"), *SETS]:
        other = gandyn.draw_batches(experiment(penalty=penalty), gandyn.Rng(3, 5))[0]
        assert all(torch.equal(getattr(plain, name), getattr(other, name)) for name in ("real", "z", "mix"))


def test_lanes_of_a_sweep_have_a_weight_of_their_own_or_that_which_they_have_anyway():
    """Of one that has no weight in one lane: the common one, or the default of its amount."""
    lanes = [
        gandyn.Knobs(penalty_weight=2.0, weights={"r1": 7.0}),
        gandyn.Knobs(penalty_weight=3.0, weights={"instance-noise": 0.5}),
    ]
    together = _together(lanes, "cpu").numbers()
    assert together["penalty.r1"].tolist() == [7.0, 3.0] and together["penalty_weight"].tolist() == [2.0, 3.0]
    assert together["penalty.instance-noise"].tolist() == [0.1, 0.5]
    assert together["lr_g"] == gandyn.Knobs().lr_g
