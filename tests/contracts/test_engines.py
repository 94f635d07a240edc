"""Who is given which engine, and what is said where the compiled one cannot compute a step."""

import random

import pytest

import gandyn
from gandyn.core import native
from tests.contracts.settings import CHOICES, batches_of, complete, game_of, start_of
from tests.contracts.small import same


def test_the_compiled_engine_refuses_with_one_line_and_auto_does_not(monkeypatch) -> None:
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: "this test has none")
    row = complete({"shared": True, "start": "moments", "lanes": 0}, random.Random(0))
    assert row is not None
    game, rule = game_of(row), gandyn.Rule(unroll=2, engine="native")
    state, batches = start_of(row, game, 0), batches_of(row, 0)
    with pytest.raises(ValueError, match="^engine 'native' cannot .*: this test has none; use engine 'auto'$"):
        gandyn.step(game, rule, state, batches, gandyn.Knobs())
    automatic, _ = gandyn.step(game, rule._replace(engine="auto"), state, batches, gandyn.Knobs())
    reference, _ = gandyn.step_reference(game, rule, state, batches, gandyn.Knobs())
    assert same(automatic, reference)


@pytest.mark.skipif(not native.INSTALLED, reason="needs numba")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"objective": "log-sigmoid"}, None),
        ({"penalty": "r1", "unroll": 1}, "a penalty stands inside a look-ahead of second order"),
        ({"penalty": "r1", "unroll": 1, "unroll_order": "first"}, None),
        ({"objective": "relativistic"}, None),
    ],
)
def test_the_reason_is_said(changes, why) -> None:
    row = complete({"objective": CHOICES["objective"][0]}, random.Random(1))
    assert row is not None
    game = game_of(row)
    assert native.unsupported_reason(game, gandyn.Rule(**changes)) == why
    other = game._replace(generator=game.generator._replace(layout=None))
    assert native.unsupported_reason(other, gandyn.Rule()) == "the generator is no multilayer perceptron"
