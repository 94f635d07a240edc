"""Every declared control acts, or says why it does not; an undeclared one is refused."""

import dataclasses
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

import gandyn
from gandyn.core.controls import Control, controls
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.target import TARGETS
from tests.contracts.small import experiment, read, run, same

STEPS = 3
SITUATIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "penalty": {"penalty": "gradient-penalty"},
    "penalty without weight": {"penalty": "r1", "penalty_weight": 0},
    "look-ahead": {"unroll": 2, "penalty": "r1"},
    "frozen critic": {"freeze": "critic"},
    "frozen critic, looked ahead": {"freeze": "critic", "unroll": 2, "penalty": "one-sided"},
    "frozen generator": {"freeze": "generator", "ema": 0.5, "unroll": 2},
    "two time scales": {"decay_g": 0.9, "decay_d": 0.6, "decay_steps": 2.0},
    "frozen critic, time scales": {"decay_d": 0.6, "freeze": "critic"},
    "uniform average": {"averaging": "uniform", "ema": 0.5},
    "sgd": {"optimizer_g": "sgd", "optimizer_d": "sgd", "clip": 0.5},
    "frozen critic, sgd for the generator": {"freeze": "critic", "optimizer_g": "sgd"},
    "frozen generator, sgd for the critic": {"freeze": "generator", "optimizer_d": "sgd"},
    "many steps": {"critic_steps": 2, "generator_steps": 2, "order": "alternating"},
    "linear networks": {"generator.widths": "", "critic.widths": ""},
    "no latent": {"latent_size": 0},
    "constant weights": {"generator.init": "constant", "critic.init": "normal"},
    "the other way round": {"critic.init": "constant", "generator.init": "normal"},
    "no critic": {"objective": "mmd"},
    # by turns: at once both players share a pass where nobody looks ahead, which has other last bits
    "no critic, moved by a penalty": {"objective": "mmd", "penalty": "r1", "order": "alternating"},
    "no critic, its penalty looks ahead": {
        "objective": "mmd",
        "penalty": "r2",
        "unroll": 2,
        "unroll_player": "critic",
        "order": "alternating",
    },
    "no critic, noise on the samples": {"objective": "energy-distance", "penalty": "instance-noise", "clip": 0.05},
    "no critic, critic transformed": {"objective": "mmd", "penalty": "spectral-normalisation"},
    "no critic, its gradient small": {"objective": "mmd", "penalty": "critic-gradient"},
    "torch weights": {"critic.init": "torch", "generator.init": "torch"},
}
COMPILED = ["sgd", "rmsprop", "adam", "rmsprop-tf", "adam-tf"]
# Changes large enough to show within a few steps; other controls are taken through their choices or their range.
TELLING = {
    "beta2": [0.5], "eps": [1e-2], "clip": [0.05, 0.0], "penalty_weight": [40.0], "ema": [0.7, 0.0], "batch_size": [9],
    "decay_steps": [5.0, 50.0],
    # with a weight, and one of the generator's loss alone: what others do is in golden/test_regularisers.py
    "penalty": ["none", "gradient-penalty", "one-sided", "r1", "r2", "dragan", "jacobian-clamping"],
    "optimizer_g": COMPILED, "optimizer_d": COMPILED,  # the others compute in autograd, which has other last bits
    "unroll": [1, 3], "critic_steps": [1, 3], "generator_steps": [1, 3], "latent_size": [4, 1],
    "critic.pack": [2, 4], "generator.widths": ["4", "5,5"], "critic.widths": ["4", "6,6"],
    "target.points": ["0,0,2~gg_P"], "target.file": [str(Path(__file__).with_name("four_points.csv"))],
    "target": [name for name, kind in TARGETS.items() if len(kind().shape) == 1],
}  # fmt: skip
CHECKED = {"target.sha256"}  # it refuses a file, and changes nothing
NOT_TESTED = {"device", "engine", "probe_unroll"}  # how it is computed and looked at, not what happens


@cache
def start(situation: str) -> tuple[gandyn.Experiment, gandyn.State]:
    """The experiment of a situation and its state after some steps."""
    at = experiment(**SITUATIONS[situation])
    return at, run(at, STEPS)


@cache
def unchanged(situation: str, live: bool) -> gandyn.State:
    """Where it leads if nothing is changed, from that state or from the start."""
    at, warm = start(situation)
    return run(at, STEPS, warm if live else None)


def others(control: Control, value: Any) -> list[Any]:
    """Values of a control that differ from the one it has."""
    if control.name in TELLING:
        values = TELLING[control.name]
    elif control.choices:
        values = list(control.choices)
    elif control.type is bool:
        values = [not value]
    elif control.type is int:
        values = [value + 1 if value < control.high else value - 1]
    else:
        low, high = control.suggest or (control.low, control.high)
        values = [low + share * (high - low) for share in (0.37, 0.9)]
    return [other for other in values if other != value]


def test_every_control_has_a_value_and_others():
    """So that a new control is tested by being declared."""
    at = experiment()
    assert set(at.values()) == set(at.controls())
    assert all(others(control, at.values()[name]) for name, control in at.controls().items())


def combined(at: gandyn.Experiment, name: str, value: Any) -> gandyn.Experiment | None:
    """The experiment with that value; None where it says that it cannot be had together with a penalty."""
    try:
        return at.replace(**{name: value})
    except ValueError as refused:
        assert "cannot be combined with" in str(refused)
        return None


@pytest.mark.parametrize("name", [name for name in controls() if name not in NOT_TESTED])
def test_a_control_acts_or_says_why_not(name):
    """Idle: no other value changes a bit of what anybody reads of the state, but for the choice of penalties, where the
    present one does nothing. Not idle: some other value changes it within a few steps.
    """
    acted = 0
    for situation in SITUATIONS:
        at, warm = start(situation)
        control = at.controls()[name]
        value, reason = at.values()[name], control.idle(at)
        # What takes effect live is changed live, where moments and average are not those of the start.
        state = warm if control.live else None
        before = unchanged(situation, control.live)
        choices = ["none"] if reason and name == "penalty" else others(control, value)
        if not (changed := [one for new in choices if (one := combined(at, name, new))]):
            continue
        # A target of another dimension brings another game, which starts anew.
        after = [run(new, STEPS, state if new.game == at.game else None) for new in changed]
        same_after = [same(read(at, before), read(new, its)) for new, its in zip(changed, after, strict=True)]
        if reason is None:
            assert not all(same_after), f"{situation}: {name} is not idle but changes nothing"
            acted += 1
        else:
            assert all(same_after), f"{situation}: {name} acts though {reason}"
    assert acted > 0, f"{name} is idle everywhere"


@pytest.mark.parametrize("target", TARGETS)
def test_every_parameter_of_every_target_acts(target):
    """Some other value of it gives other samples, and moves a run to other places."""
    base = TARGETS[target]()
    if len(base.shape) != 1:
        pytest.skip("not a target of points")
    for field in dataclasses.fields(base):
        control = controls(base)[f"target.{field.name}"]
        if control.name in CHECKED:
            continue
        value, rng = getattr(base, field.name), gandyn.Rng(0)
        tried = (
            [(1.0, 2.0, *[1.0] * (n - 2)) for n in (2, 3, 8, 25)] if control.type is tuple else others(control, value)
        )
        drawn = []
        for other in tried:
            try:
                drawn.append(base.replace(**{field.name: other}).draw(64, rng))
            except ValueError:  # a range that depends on the other parameters
                continue
        assert any(not torch.equal(samples, base.draw(64, rng)) for samples in drawn), f"{target}: {field.name}"


def test_an_undeclared_control_is_refused():
    for name in ("lr", "target.nonsense", "generator.depth", "betas", "Unroll"):
        with pytest.raises(ValueError, match=rf"^control '{name}' is unknown"):
            experiment().replace(**{name: 1})


def test_declared_ranges_are_those_that_hold():
    """The ends of every numeric range are accepted, and what is beyond is refused with a line that names the range."""
    at = experiment()
    for name, control in at.controls().items():
        if control.choices or control.type not in (int, float):
            continue
        for value in (control.low, control.high):
            if not name.startswith("target."):  # a target may ask for more than a range
                assert at.replace(**{name: value}).values()[name] == value, name
        step = 1 if control.type is int else 1e-9 * (1 + abs(control.high))
        span = f"[{control.low}, {control.high}]" if control.type is int else f"[{control.low:g}, {control.high:g}]"
        for value in (control.low - step, control.high + step):
            with pytest.raises(ValueError, match=rf"^{re.escape(name)} must be a .*number in {re.escape(span)}, not "):
                at.replace(**{name: value})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_names_of_the_optimizers(name):
    assert OPTIMIZERS[name].name == name
