"""A configuration builds its experiment again: the same networks, bit for bit, whatever preset they are of."""

import json
import random
from dataclasses import replace

import pytest
import torch

import gandyn
from gandyn.core.architecture import build, describe
from gandyn.core.conv_layers import Activation, Conv, ConvTranspose, Flatten, Law, Linear, Reshape
from gandyn.core.minibatch import COUPLINGS
from gandyn.core.nets import INITS, NORMS
from gandyn.core.perceptron import ACTIVATIONS, OUTPUTS
from gandyn.presets import PRESETS
from gandyn.records.config import from_config, to_config
from tests.contracts.small import experiment


def through_json(data):
    return json.loads(json.dumps(data))


def same_network(one: gandyn.Net, other: gandyn.Net, rows: int = 2) -> bool:
    """Whether initial weights and outputs are equal bit for bit."""
    theta, again = (net.init(torch.Generator().manual_seed(5)) for net in (one, other))
    assert one.inputs is not None
    x = torch.randn(rows, *one.inputs, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    return torch.equal(theta, again) and torch.equal(one.apply(theta, x), other.apply(again, x))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_built_again_without_its_name(name):
    """Under its own name and as an experiment of no preset."""
    preset = PRESETS[name]
    for named in (preset, replace(preset, name="mine")):
        config = through_json(to_config(named))
        again = from_config(config)
        assert to_config(again) == to_config(named) and again.values() == named.values()
        for player in ("generator", "critic"):
            assert same_network(getattr(again.game, player), getattr(preset.game, player), 1)
        assert again.game.latent == preset.game.latent


def random_perceptron(draw: random.Random, inputs: int, outputs: int) -> gandyn.Net:
    pack = draw.randint(1, 3)
    widths = [draw.randint(1, 9) for _ in range(draw.randint(0, 3))]
    return gandyn.mlp(
        [pack * inputs, *widths, outputs],
        draw.choice(list(ACTIVATIONS)),
        draw.choice(INITS),
        gain=draw.uniform(0.1, 2),
        std=draw.uniform(0.01, 1),
        input_scale=draw.choice([1.0, draw.uniform(0.1, 3)]),
        bias=draw.random() < 0.7,
        output=draw.choice(list(OUTPUTS)),
        curvature=draw.choice([0.0, draw.uniform(-2, 2)]),
        norm=draw.choice(NORMS),
        norm_from=draw.randint(1, 3),
        minibatch=draw.choice(COUPLINGS),
        pack=pack,
    )


def random_critic(draw: random.Random, side: int) -> gandyn.Net:
    laws = [Law("zeros"), Law("glorot"), Law("normal", draw.random()), Law("truncated-normal", draw.random()), None]
    layers = []
    for _ in range(draw.randint(1, 2)):
        kernel = draw.randint(2, 3)
        layer = draw.choice([Conv, ConvTranspose])(draw.randint(1, 4), kernel, draw.randint(1, 2))
        layers.append(layer._replace(weight=draw.choice(laws[1:4]), bias=draw.choice(laws)))
        layers[-1] = layers[-1]._replace(padding=draw.choice(["same", "valid"]))
        layers.append(Activation(draw.choice(list(ACTIVATIONS))))
    layers += [Flatten(), Linear(4, draw.choice(laws[1:4])), Reshape((2, 2)), Flatten(), Linear(1)]
    return gandyn.layered((1, side, side), layers)


@pytest.mark.parametrize("seed", range(20))
def test_random_networks_are_built_again_from_their_description(seed):
    draw = random.Random(seed)
    for net in (random_perceptron(draw, draw.randint(1, 4), draw.randint(1, 3)), random_critic(draw, 9)):
        again = build(through_json(describe(net)))
        theta, x = net.init(torch.Generator().manual_seed(0)), torch.rand(2, *(net.inputs or ()), dtype=torch.float64)
        torch.testing.assert_close(net.module(theta)(x), net.apply(theta, x), rtol=1e-12, atol=1e-12)
        assert same_network(net, again) and describe(again) == describe(net) and again.spec == net.spec


def test_another_network_is_another_configuration():
    preset = PRESETS["mnist-dcgan-lab"]
    other = gandyn.conv_critic(preset.target.shape, [3, 4], kernel=3)
    changed = replace(preset, game=preset.game._replace(critic=other))
    assert to_config(changed) != to_config(preset)
    assert same_network(from_config(through_json(to_config(changed))).game.critic, other)
    mine = replace(experiment(), name="collapse")  # of the preset's name, with networks of its own
    assert same_network(from_config(through_json(to_config(mine))).game.critic, mine.game.critic)


def test_what_cannot_be_built_is_refused_with_one_line():
    config = through_json(to_config(replace(experiment(), name="mine")))
    controls, networks = config["controls"], config["networks"]
    critic = {"inputs": [2], "layers": [{"layer": "linear", "size": 3}]}
    for wrong, line in [
        ({"networks": {"generator": networks["generator"]}}, "preset 'mine' is unknown and networks.critic is missing"),
        ({"controls": {**controls, "critic.widths": [9]}}, r"critic.widths is \[9\] among the controls but \[6\] in"),
        ({"networks": {**networks, "critic": {"inputs": [2]}}}, "a network's description lacks 'sizes'"),
        ({"networks": {**networks, "critic": 3}}, "networks.*: expected object . null, got int"),
        ({"networks": {**networks, "critic": {**critic, "layers": [{"layer": "lstm"}]}}}, "layer 'lstm' is unknown"),
        ({"networks": {**networks, "critic": critic}}, "describes no network .*size"),
    ]:
        with pytest.raises(ValueError, match=line) as error:
            from_config({**config, **wrong})
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "controls",
    [
        {"critic.minibatch": "deviation", "penalty": "none"},
        {"critic.pack": 3, "batch_size": 255},
        {"critic.norm": "batch", "penalty": "none"},
    ],
    ids=str,
)
def test_networks_that_fit_only_with_the_other_controls_are_read_with_them(controls):
    """`ring-r3gan` has penalties and a batch that none of these critics go with."""
    experiment = PRESETS["ring-r3gan"].replace(**controls)
    assert from_config(to_config(experiment)).values() == experiment.values()
    assert from_config({**to_config(experiment), "preset": "of my own"}).values() == experiment.values()
