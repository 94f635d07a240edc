"""Bad input is refused at construction: a ValueError of one line that names the control, the value and the range."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

import gandyn
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.registry import Registry
from gandyn.core.target import TARGETS
from tests.contracts.small import experiment

NAN, INF = float("nan"), float("inf")
NO_NUMBERS: list[Any] = [NAN, INF, -INF, True, None, "", "abc", "nan", [1], (), {}, 1j, 10**400, "9" * 400]
NUMBERS = {"lr_g": "[0, 100]", "lr_d": "[0, 100]", "beta1": "[-0.999999, 0.999999]", "beta2": "[0, 0.999999]",
           "ema": "[0, 0.999999]", "eps": "[1e-16, 1]", "penalty_weight": "[0, 1e+06]", "clip": "[0, 1e+06]",
           "decay_g": "[0, 10]", "decay_d": "[0, 10]", "decay_steps": "[1, 1e+06]",
           "target.radius": "[0, 4]", "generator.gain": "[-1000, 1000]", "critic.std": "[0, 1000]",
           "critic.input_scale": "[1e-06, 1e+06]", "steps_per_second": "[0, 100000]"}  # fmt: skip
WHOLE = {"unroll": "[0, 100]", "critic_steps": "[1, 100]", "generator_steps": "[1, 100]", "batch_size": "[1, 65536]",
         "latent_size": "[0, 4096]", "seed": "[0, 9007199254740991]", "steps": "[1, 1000000000]",
         "target.modes": "[1, 64]"}  # fmt: skip
NAMES = {  # control -> a near miss and what was probably meant
    "objective": ("minmax", "minimax"), "penalty": ("gradient_penalty", "gradient-penalty"),
    "order": ("alternate", "alternating"), "unroll_order": ("secnd", "second"), "freeze": ("critics", "critic"),
    "engine": ("autogrd", "autograd"),
    "optimizer_g": ("adm", "adam"), "optimizer_d": ("rmsprop_tf", "rmsprop-tf"), "latent": ("gaussian", None),
    "device": ("gpu", "cpu"), "target": ("rings", "ring"), "generator.activation": ("thanh", "tanh"),
    "critic.init": ("ortogonal", "orthogonal"),
}  # fmt: skip


def refusal(**changes: Any) -> str:
    """The one line with which an experiment refuses."""
    with pytest.raises(ValueError) as refused:
        experiment().replace(**changes)
    line = str(refused.value)
    assert "\n" not in line and line == line.strip() and len(line) < 1500
    return line


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name):
    low = float(NUMBERS[name][1:].split(",")[0])
    for value in [*NO_NUMBERS, low - 1, "-1e9", 1e9]:
        line = refusal(**{name: value})
        assert line.startswith(f"{name} must be a number in {NUMBERS[name]}, not "), line
    assert refusal(**{name: -1e9}).endswith("not -1000000000.0") and refusal(**{name: "abc"}).endswith("not 'abc'")


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers(name):
    for value in [*NO_NUMBERS, -1, 2.5, "2.5", 1e17, "-1"]:
        line = refusal(**{name: value})
        assert line.startswith(f"{name} must be a whole number in {WHOLE[name]}, not "), line
    assert refusal(**{name: -1}).endswith(" not -1")


@pytest.mark.parametrize("name", NAMES)
def test_unknown_names(name):
    """With the nearest known name, if one is near, and all of them."""
    wrong, meant = NAMES[name]
    line = refusal(**{name: wrong})
    assert line.startswith(f"{name} {wrong!r} is unknown")
    assert f"did you mean {meant!r}?" in line if meant else "did you mean" not in line
    for value in (None, 3, ["tanh"], {"a": 1}, torch.zeros(3, 3)):
        assert "is unknown" in refusal(**{name: value})


def test_unknown_controls():
    assert "control 'lr_gg' is unknown; did you mean 'lr_g'?" in refusal(lr_gg=1)
    assert "control 'target.raduis' is unknown; did you mean 'target.radius'?" in refusal(**{"target.raduis": 1})
    line = refusal(target="dirac", **{"target.radius": 1})
    assert "control 'target.radius' is of ring or spiral, not of dirac: set target=ring" in line
    with pytest.raises(ValueError, match="parameter of target 'ring' 'raduis' is unknown; did you mean 'radius'"):
        TARGETS["ring"]().replace(raduis=1)


@pytest.mark.parametrize("value", [0, 1, None, "maybe", 2.0, "", [True]], ids=str)
def test_booleans(value):
    assert refusal(**{"generator.bias": value}).startswith("generator.bias must be true or false, not ")


@pytest.mark.parametrize(
    "value", ["64,", "64,x", "0", "64.5", [64.5], [0], None, True, "5000", [-1], [NAN], {"a": 1}], ids=str
)
def test_widths(value):
    if value == "64,":  # a comma at the end is no layer
        assert experiment().replace(**{"critic.widths": value}).values()["critic.widths"] == (64,)
        return
    line = refusal(**{"critic.widths": value})
    assert line.startswith("critic.widths must be whole numbers in [1, 4096] with commas between, not "), line


def test_tuples_of_a_target():
    for value in ("1,2,x", [1, NAN], [-1] * 8, "1,2", True, None):
        line = refusal(**{"target.weights": value})
        assert line.startswith("target.weights ") and " not " in line


def test_networks():
    for arguments, line in (
        (([2],), "a network needs 2 to 16 sizes"),
        (([2] * 17,), "a network needs 2 to 16 sizes"),
        (([2, 0, 1],), r"a layer's width must be a whole number in \[1, 4096\], not 0"),
        (([-1, 1],), r"a layer's width must be a whole number in \[0, 4096\], not -1"),
        (([2, 1], "tan"), "activation 'tan' is unknown; did you mean 'tanh'"),
        (([2, 1], "tanh", "xavier"), "init 'xavier' is unknown"),
    ):
        with pytest.raises(ValueError, match=f"^{line}"):
            gandyn.mlp(*arguments)
    for name, line in (
        ("gain", r"\[-1000, 1000\]"),
        ("std", r"\[0, 1000\]"),
        ("input_scale", r"\[1e-06, 1e\+06\]"),
        ("curvature", r"\[-1000, 1000\]"),
    ):
        with pytest.raises(ValueError, match=f"^{name} must be a number in {line}, not nan$"):
            gandyn.mlp([2, 1], **{name: NAN})
    with pytest.raises(ValueError, match="^bias must be true or false, not 5$"):
        gandyn.mlp([2, 1], bias=5)  # type: ignore[arg-type]


def test_shapes_that_do_not_fit():
    target, good = TARGETS["ring"](), experiment().game
    for changed, line in (
        ({"generator": gandyn.mlp([4, 2])}, "^the generator takes 4 numbers but latent_size is 3$"),
        ({"latent": gandyn.Latent(5)}, "^the generator takes 3 numbers but latent_size is 5$"),
        ({"generator": gandyn.mlp([3, 784])}, "^the generator makes samples of shape 784 but target 'ring' has 2$"),
        ({"critic": gandyn.mlp([3, 1])}, "^the critic takes samples of shape 3 but target 'ring' has 2$"),
        ({"critic": gandyn.mlp([2, 2])}, "^the critic must end in 1 number, not 2$"),
        ({"latent": gandyn.Latent(3, "cauchy")}, "^latent 'cauchy' is unknown"),
    ):
        with pytest.raises(ValueError, match=line):
            gandyn.Experiment(target, good._replace(**changed))


def test_parts_of_the_wrong_kind():
    good = experiment()
    for name, value in (("target", "ring"), ("game", None), ("rule", {}), ("knobs", gandyn.Rule())):
        parts = {"target": good.target, "game": good.game, "rule": good.rule, "knobs": good.knobs, name: value}
        with pytest.raises(ValueError, match=rf"^{name} must be a {name.title()}, not "):
            gandyn.Experiment(**parts)


@pytest.mark.parametrize("value", ["collapse", None, "x" * 200])
def test_a_name_where_a_value_is_wanted(value: Any):
    for call, kind in (
        (lambda: gandyn.Run(value), "Experiment"),
        (lambda: next(gandyn.play(value)), "Experiment"),
        (lambda: gandyn.draw_batches(value, gandyn.Rng(0)), "Experiment"),
        (lambda: gandyn.init(value, 0), "Game"),
        (lambda: gandyn.measure(value, [[0.0, 0.0]]), "Target"),
    ):
        with pytest.raises(ValueError, match=rf"^{kind.lower()} must be a gandyn.{kind}, as gandyn.preset.*, not "):
            call()


def test_lanes_of_knobs():
    """A tensor of numbers is checked number by number; only a knob may have one."""
    with pytest.raises(ValueError, match=r"^lr_d must be a number in \[0, 100\] in every lane, not \[0\.5, -1\.0\]$"):
        gandyn.Knobs(lr_d=torch.tensor([0.5, -1.0]))
    with pytest.raises(ValueError, match=r"^ema must be a number in .* in every lane, not \[nan\]$"):
        gandyn.Knobs(ema=torch.tensor([NAN]))
    for name in ("generator.gain", "target.radius", "steps_per_second"):
        assert refusal(**{name: torch.tensor([1.0, 2.0])}).startswith(f"{name} must be a number in ")


def test_other_names():
    with pytest.raises(ValueError, match="^optimizer 'sdg' is unknown; did you mean 'sgd'"):
        OPTIMIZERS["sdg"]
    with pytest.raises(ValueError, match="^objective 'hinges' is unknown; did you mean 'hinge'"):
        OBJECTIVES["hinges"]
    assert "hinge" in OBJECTIVES and None not in OBJECTIVES and ["hinge"] not in OBJECTIVES


def test_a_registry_refuses_a_second_entry():
    registry: Registry[SimpleNamespace] = Registry("thing", "gandyn.core.objectives")
    one, zero = SimpleNamespace(name="one"), SimpleNamespace(name="zero")
    registry.add(one, rank=2)
    with pytest.raises(ValueError, match="^thing 'one' is registered twice$"):
        registry.add(SimpleNamespace(name="one"))
    registry.add(zero, rank=1)
    assert list(registry) == ["zero", "one"] and registry["one"] is one and len(registry) == 2
