"""Experiments as values: replaced by names, by text, through JSON; resets; what is refused with one line."""

import copy
import dataclasses
import json
import pickle
import re

import pytest
import torch

import gandyn
from gandyn.core.target import TARGETS
from tests.contracts.small import experiment, run, same

LINES = {  # control -> text and the value that it stands for
    "lr_g": ("1e-3", 0.001), "penalty_weight": (" 10 ", 10.0), "unroll": ("5", 5), "batch_size": ("1e2", 100),
    "critic_steps": ("3.0", 3), "generator.widths": ("64, 64", (64, 64)), "critic.widths": ("", ()),
    "generator.bias": ("false", False), "critic.bias": ("Yes", True), "generator.gain": ("-0.5", -0.5),
    "objective": ("hinge", "hinge"), "optimizer_d": ("rmsprop-tf", "rmsprop-tf"), "latent_size": ("7", 7),
    "latent": ("uniform", "uniform"), "target.radius": ("1.5", 1.5), "target.modes": ("4", 4),
    "target.weights": ("1,2,3,4,5,6,7,8", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)), "seed": ("1e3", 1000),
    "device": ("cpu", "cpu"), "target": ("grid", "grid"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_text_is_read(name):
    """As it comes from a link or a command line; the value has its own type, and so has the value given as such."""
    text, value = LINES[name]
    for given in (text, value):
        parsed = experiment().replace(**{name: given}).values()[name]
        assert parsed == value and type(parsed) is type(value)


def test_a_whole_float_is_the_same_run():
    """seed=3.0, as some formats have it, is seed=3: the same bits."""
    assert same(run(experiment(seed=3.0), 2), run(experiment(seed="3"), 2))
    assert type(experiment(steps="1e3").steps) is int and experiment(steps=1e3).steps == 1000


def test_replace_leaves_the_old_one_and_everything_else():
    at = experiment()
    kept = at.values()
    new = at.replace(unroll=5, **{"target.radius": 1.5}, steps_per_second="60", note="x")
    assert at.values() == kept
    assert new.values() == {**kept, "unroll": 5, "target.radius": 1.5}
    assert (new.steps_per_second, new.note) == (60.0, "x") and new.game is at.game
    with pytest.raises(dataclasses.FrozenInstanceError):
        at.seed = 1  # type: ignore[misc]


def test_values_make_the_round_trip():
    """replace(**values()) changes nothing, from Python and through JSON, and brings any other experiment here."""
    changes = {
        "generator.widths": "4,5",
        "critic.init": "he",
        "latent_size": 2,
        "ema": 0.9,
        "target": "grid",
        "optimizer_d": "sgd",
    }
    at, other = experiment(**changes), experiment(critic_steps=4, seed=8, **{"target.radius": 3})
    values = at.values()
    assert at.replace(**values) == at
    for carried in (values, json.loads(json.dumps(values))):
        assert other.replace(**carried).values() == values
        assert same(run(other.replace(**carried), 2), run(at, 2))


def test_every_target_fits_into_an_experiment_of_points():
    for name, kind in TARGETS.items():
        target = kind()
        if len(target.shape) == 1:
            new = experiment().replace(target=name)
            assert new.target == target and new.game.generator.outputs == new.game.critic.inputs == target.shape
            run(new, 1)


def test_target_of_the_same_kind_keeps_its_parameters():
    at = experiment(**{"target.radius": 1.25})
    assert (
        at.replace(target="ring") == at
        and at.replace(target="grid").replace(target="ring").values()["target.radius"] != 1.25
    )
    assert at.replace(target=TARGETS["ring"](), **{"target.modes": 3}).target == TARGETS["ring"](modes=3)


def test_what_needs_a_reset():
    """What changes the game or the seed, by name; nothing if nothing changes, whatever is set again."""
    at = experiment()
    assert at.resets(unroll=5, lr_g=1, objective="hinge", **{"target.radius": 1}) == at.resets(target="grid") == []
    assert at.resets(latent_size=2, lr_g=1) == ["latent_size"]
    assert at.resets(**{"critic.widths": "9", "optimizer_g": "sgd"}) == ["critic.widths", "optimizer_g"]
    assert at.resets(seed=1) == ["seed"] and at.resets(target="dirac") == ["target"]
    assert at.resets(**at.values()) == [] and at.replace(**at.values()).game is at.game


def test_networks_written_by_hand():
    """A Net without a description is kept; its controls are absent, and asking for them is refused with one line."""
    plain = experiment()
    bare = plain.game.critic._replace(inputs=None, outputs=None, spec={})
    at = dataclasses.replace(plain, game=plain.game._replace(critic=bare))
    assert "critic.widths" not in at.values() and at.replace(**at.values()) == at
    assert at.replace(optimizer_g="sgd").game.critic is bare
    with pytest.raises(
        ValueError, match=r"^the critic is no multilayer perceptron, so critic\.widths cannot be changed$"
    ):
        at.replace(**{"critic.widths": 3})


def test_rule_and_knobs_are_plain_values():
    """They copy, pickle and compare; _replace checks, too; numpy's numbers are numbers."""
    numpy = pytest.importorskip("numpy")
    rule, knobs = gandyn.Rule(unroll=numpy.int64(3)), gandyn.Knobs(lr_g=numpy.float32(0.5))
    assert (rule.unroll, type(rule.unroll), knobs.lr_g, type(knobs.lr_g)) == (3, int, 0.5, float)
    for value in (rule, knobs):
        assert value == pickle.loads(pickle.dumps(value)) == copy.deepcopy(value)
        assert type(value._replace()) is type(value)
    assert gandyn.Rule(batch_size=8.0).batch_size == 8  # type: ignore[arg-type]
    lanes = gandyn.Knobs(lr_g=torch.tensor([0.1, 0.2]))
    assert isinstance(lanes.lr_g, torch.Tensor)


def test_the_parts_may_be_written_plainly():
    """A latent as a plain pair, whole floats as integers."""
    game = experiment().game._replace(latent=(3.0, "uniform"))  # type: ignore[arg-type]
    at = gandyn.Experiment(TARGETS["ring"](), game, steps=10.0)  # type: ignore[arg-type]
    assert at.game.latent == gandyn.Latent(3, "uniform") and at.steps == 10
    run(at, 1)


def test_the_names_that_an_unknown_control_is_answered_with_are_those_of_controls():
    experiment = gandyn.preset("collapse")
    with pytest.raises(ValueError, match="control 'lr_e' is unknown; did you mean 'lr_") as error:
        experiment.replace(lr_e=1)
    listed = str(error.value).partition("(one of: ")[2].rstrip(")").split(", ")
    assert listed == list(experiment.controls())
    for name in listed:
        experiment.replace(**{name: experiment.values()[name]})


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("update_rule.gamma", "control 'update_rule.gamma' is of consensus, not of gradient: set update_rule="),
        ("update_rule.foo", "control 'update_rule.foo' is unknown: update_rule gradient has no numbers of its own"),
        ("target.raduis", "control 'target.raduis' is unknown; did you mean 'target.radius'? (one of: target.modes, "),
    ],
)
def test_a_number_of_another_part_is_refused_with_whose_it_is(name, line):
    with pytest.raises(ValueError, match=f"^{re.escape(line)}"):
        gandyn.preset("collapse").replace(**{name: 1})
