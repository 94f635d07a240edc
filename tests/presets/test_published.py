"""The published presets against their sources, value by value."""

import math

import pytest
import torch

from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.presets import preset

ADAM = {"beta1": 0.5, "eps": 1e-8, "ema": 0.0, "averaging": "ema", "clip": 0.0, "decay_g": 0.0, "decay_d": 0.0}
PLAIN = {"objective": "minimax", "penalty": "none", "penalty_weight": 0.1, "unroll": 5, "unroll_order": "second"}
ONE_EACH = {"critic_steps": 1, "generator_steps": 1, "freeze": "none"}
RING = {"target": "ring", "target.modes": 8, "target.rotation": 0.0, "target.weights": ()}


def net(part, **spec):
    return {f"{part}.{name}": value for name, value in spec.items()}


NOTEBOOK = {
    **RING, **ADAM, **PLAIN, **ONE_EACH,
    "target.radius": 1.0, "target.sigma": 0.01, "beta2": 0.999, "lr_g": 1e-3, "lr_d": 1e-4,
    "order": "simultaneous", "batch_size": 512,
    "optimizer_g": "adam-tf", "optimizer_d": "adam-tf", "latent_size": 256, "latent": "normal",
    **net("generator", widths=(128, 128), activation="tanh", init="orthogonal", gain=1.4, input_scale=1.0, bias=True),
    **net("critic", widths=(128, 128), activation="tanh", init="orthogonal", gain=1.4, input_scale=1.0, bias=True),
}  # fmt: skip
PAPER = {
    **RING, **ADAM, **PLAIN, **ONE_EACH,
    "target.radius": 2.0, "target.sigma": 0.02, "target.closed": 0, "beta2": 0.999, "lr_g": 1e-4, "lr_d": 1e-4,
    "order": "alternating", "batch_size": 512,
    "optimizer_g": "adam", "optimizer_d": "adam", "latent_size": 256, "latent": "normal",
    **net("generator", widths=(128, 128), activation="relu", init="orthogonal", gain=0.8, input_scale=1.0, bias=True),
    **net("critic", widths=(128,), activation="relu", init="orthogonal", gain=0.8, input_scale=0.25, bias=True),
}  # fmt: skip
TOY = {
    **ADAM, **ONE_EACH,
    "objective": "wasserstein", "penalty": "gradient-penalty", "penalty_weight": 0.1, "unroll": 0,
    "critic_steps": 5, "order": "alternating", "batch_size": 256, "beta2": 0.9, "lr_g": 1e-4, "lr_d": 1e-4,
    "optimizer_g": "adam-tf", "optimizer_d": "adam-tf", "latent_size": 2, "latent": "normal",
    **net("generator", widths=(512, 512, 512), activation="relu", init="he", gain=1.0, input_scale=1.0, bias=True),
    **net("critic", widths=(512, 512, 512), activation="relu", init="he", gain=1.0, input_scale=1.0, bias=True),
}  # fmt: skip
PUBLISHED = {
    "unrolled-notebook": ({**NOTEBOOK, "target.closed": 1}, 25_000),
    "unrolled-ring": ({**NOTEBOOK, "target.closed": 0}, 25_000),
    "unrolled-paper": (PAPER, 25_000),
    "wgan-gp-toy": (
        {**TOY, **RING, "target.radius": 2 / 1.414, "target.sigma": 0.02 / 1.414, "target.closed": 0},
        100_000,
    ),
    "wgan-gp-toy-25": (
        {**TOY, "target": "grid", "target.side": 5, "target.extent": 4 / 2.828, "target.sigma": 0.05 / 2.828},
        100_000,
    ),
    "wgan-gp-toy-swiss-roll": (
        {**TOY, "target": "swiss-roll", "target.noise": 0.25, "target.turns": 1.5, "target.divisor": 7.5},
        100_000,
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_setting_is_the_source_s(name):
    expected, steps = PUBLISHED[name]
    experiment = preset(name)
    values = experiment.values()
    assert {key: values[key] for key in expected} == expected
    unlisted = {key for key in values if key not in expected}
    assert values["update_rule"] == "gradient"
    assert unlisted <= {
        "engine",
        "unroll_player",
        "decay_steps",
        "update_rule",
        "seed",
        "device",
        "probe_unroll",
        "generator.std",
        "critic.std",
        "critic.curvature",
        "unroll_order",
        *(f"{part}.output" for part in ("generator", "critic") if values[f"{part}.output"] == "linear"),
        *(f"{part}.norm" for part in ("generator", "critic") if values[f"{part}.norm"] == "none"),
        *(["critic.minibatch"] if values["critic.minibatch"] == "none" else []),
        *(["critic.pack"] if values["critic.pack"] == 1 else []),
    }  # std: only init normal reads it
    assert experiment.steps == steps


@pytest.mark.parametrize(
    ("name", "generator", "critic"),
    [
        (
            "unrolled-notebook",
            256 * 128 + 128 + 128 * 128 + 128 + 128 * 2 + 2,
            2 * 128 + 128 + 128 * 128 + 128 + 128 + 1,
        ),
        ("unrolled-ring", 49_666, 17_025),
        ("unrolled-paper", 49_666, 2 * 128 + 128 + 128 + 1),
        (
            "wgan-gp-toy",
            2 * 512 + 512 + 2 * (512 * 512 + 512) + 512 * 2 + 2,
            2 * 512 + 512 + 2 * (512 * 512 + 512) + 512 + 1,
        ),
        ("wgan-gp-toy-25", 527_874, 527_361),
        ("wgan-gp-toy-swiss-roll", 527_874, 527_361),
    ],
)
def test_the_networks_have_the_source_s_size(name, generator, critic):
    game = preset(name).game
    assert (game.generator.size, game.critic.size) == (generator, critic)


def test_the_notebook_s_ring_has_seven_places_and_the_corrected_one_eight():
    slip, right = preset("unrolled-notebook").target.mixture(), preset("unrolled-ring").target.mixture()
    assert len(slip.centres) == 7
    heavy = slip.weights.argmax()
    torch.testing.assert_close(slip.centres[heavy], torch.tensor([0.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(slip.weights.sort().values, torch.tensor([1 / 8] * 6 + [2 / 8], dtype=torch.float64))
    torch.testing.assert_close(right.weights, torch.full((8,), 1 / 8, dtype=torch.float64))


def test_the_toy_s_eight_centres_are_the_source_s():
    h = 1 / math.sqrt(2)
    source = [(1, 0), (-1, 0), (0, 1), (0, -1), (h, h), (h, -h), (-h, h), (-h, -h)]
    centres = preset("wgan-gp-toy").target.mixture().centres
    distance = torch.cdist(torch.tensor(source, dtype=torch.float64) * 2 / 1.414, centres)
    assert sorted(distance.argmin(1).tolist()) == list(range(8))
    assert float(distance.min(1).values.max()) < 1e-12


def test_the_toy_s_grid_is_the_source_s():
    line = [2 * i / 2.828 for i in range(-2, 3)]
    source = torch.tensor([(x, y) for x in line for y in line], dtype=torch.float64)
    distance = torch.cdist(source, preset("wgan-gp-toy-25").target.mixture().centres)
    assert sorted(distance.argmin(1).tolist()) == list(range(25))
    assert float(distance.min(1).values.max()) < 1e-7


def test_the_toy_s_swiss_roll_is_scikit_learn_s():
    """Without noise its points lie on t (cos t, t sin t) / 7.5 with t in 1.5 pi (1 + [0, 2))."""
    target = preset("wgan-gp-toy-swiss-roll").target.replace(noise=1e-4)
    x = target.draw(1000, Rng(0)) * 7.5
    t = x.norm(dim=1)
    assert float(t.min()) > 1.5 * math.pi - 0.01
    assert float(t.max()) < 4.5 * math.pi + 0.01
    torch.testing.assert_close(x, t[:, None] * torch.stack([t.cos(), t.sin()], 1), atol=2e-3 * 14.2, rtol=0)


@pytest.mark.parametrize(
    ("name", "count"), [("unrolled-notebook", 1), ("unrolled-ring", 1), ("unrolled-paper", 2), ("wgan-gp-toy", 6)]
)
def test_updates_share_a_batch_where_the_source_s_do(name, count):
    experiment = preset(name)
    batches = draw_batches(experiment, Rng(0))
    assert len(batches) == count
    assert all(batch.real.shape == (experiment.rule.batch_size, 2) for batch in batches)
    assert len({float(batch.real[0, 0]) for batch in batches}) == count


def test_the_orthogonal_weights_have_the_stated_gain():
    state = init(preset("unrolled-ring").game, 0, dtype=torch.float64)
    weight = preset("unrolled-ring").game.generator.named(state.g)["2.weight"]
    torch.testing.assert_close(weight @ weight.T, 1.4**2 * torch.eye(128, dtype=torch.float64))
