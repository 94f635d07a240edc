"""Every preset: it is a whole experiment, survives as a flat configuration, and steps."""

import json
import math
import subprocess
import sys

import pytest
import torch

from gandyn.core.dynamics import step
from gandyn.core.engine import play
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.presets import PRESETS, preset

CLASSROOM = [
    "collapse", "ring-wgan-gp", "ring-wgan-clip", "ring-r3gan", "rotation", "dirac", "bilinear", "quadratic",
    "ring-packs", "ring-minibatch-deviation", "grid-least-squares", "swiss-roll-dragan",
]  # fmt: skip
PUBLISHED = [
    "unrolled-notebook",
    "unrolled-ring",
    "unrolled-paper",
    "wgan-gp-toy",
    "wgan-gp-toy-25",
    "wgan-gp-toy-swiss-roll",
]


def test_the_classroom_comes_first_and_collapse_at_the_head():
    planar = [name for name in PRESETS if name in CLASSROOM + PUBLISHED]
    assert planar == CLASSROOM + PUBLISHED


@pytest.mark.parametrize("name", PRESETS)
def test_it_says_what_it_is(name):
    experiment = PRESETS[name]
    assert experiment.name == name
    assert experiment.cite
    assert len(experiment.note) > 40
    assert 0 < len(experiment.summary) <= 100
    assert "\n" not in experiment.summary + experiment.note


@pytest.mark.parametrize("name", PRESETS)
def test_its_configuration_round_trips(name):
    experiment = preset(name)
    values = json.loads(json.dumps(experiment.values()))
    assert experiment.replace(**values).values() == experiment.values()
    if "widths" in experiment.game.generator.spec:  # convolutional networks are made by their preset alone
        assert preset("collapse").replace(**values).values() == experiment.values()


@pytest.mark.parametrize("name", [name for name in PRESETS if name in CLASSROOM + PUBLISHED])
def test_one_step_is_finite_and_moves_both_players(name):
    experiment = preset(name)
    old = init(experiment.game, 0)
    new, metrics = step(experiment.game, experiment.rule, old, draw_batches(experiment, Rng(0)), experiment.knobs)
    for theta, before, net in ((new.g, old.g, experiment.game.generator), (new.d, old.d, experiment.game.critic)):
        assert theta.shape == (net.size,)
        assert bool(theta.isfinite().all())
        assert not torch.equal(theta, before)
    assert all(math.isfinite(float(value)) for value in metrics)


@pytest.mark.parametrize("name", CLASSROOM)
def test_a_classroom_preset_has_a_speed_that_eyes_can_follow(name):
    assert 60 <= preset(name).steps_per_second <= 200


@pytest.mark.parametrize("name", CLASSROOM + PUBLISHED)
def test_it_lives_in_the_plane_or_on_the_line(name):
    assert preset(name).target.shape == ((1,) if name in ("dirac", "bilinear", "quadratic") else (2,))


@pytest.mark.parametrize(
    ("name", "generator", "critic"),
    [
        ("collapse", 2 * (64 * 64 + 64) + 64 * 2 + 2, 2 * 64 + 64 + 64 + 1),
        ("rotation", 8_450, 257),
        ("ring-wgan-gp", 8_450, 2 * 64 + 64 + 64 * 64 + 64 + 64 + 1),
        ("ring-wgan-clip", 8_450, 4_417),
        ("ring-r3gan", 8_450, 4_417),
        ("dirac", 1, 1),
        ("bilinear", 1, 1),
        ("quadratic", 1, 1),
        ("ring-packs", 8_450, 4_417 + 2 * 64),
        ("ring-minibatch-deviation", 8_450, 4_417 + 1),
        ("grid-least-squares", 8_450, 4_417),
        ("swiss-roll-dragan", 8_450, 4_417),
    ],
)
def test_the_sizes_of_the_classroom_networks(name, generator, critic):
    game = preset(name).game
    assert (game.generator.size, game.critic.size) == (generator, critic)


def test_a_preset_takes_controls():
    changed = preset("collapse", unroll=5, lr_d=1e-3, seed=3)
    assert (changed.rule.unroll, changed.knobs.lr_d, changed.seed) == (5, 1e-3, 3)
    assert preset("collapse").rule.unroll == 0
    assert preset("collapse").resets(unroll=5, lr_d=1e-3) == []


def test_a_misspelt_name_gets_the_nearest_and_a_misspelt_control_too():
    with pytest.raises(ValueError, match=r"preset 'colapse' is unknown; did you mean 'collapse'\?"):
        preset("colapse")
    with pytest.raises(ValueError, match="did you mean 'unroll'"):
        preset("collapse", unrol=5)


def test_the_menu_draws_no_parameters():
    """Construction of all presets is cheap: no random number, no tensor of a network's size."""
    program = (
        "import torch\n"
        "def refuse(*args, **kwargs): raise AssertionError('drawn at import')\n"
        "torch.randn = torch.rand = torch.linalg.qr = refuse\n"
        "from gandyn.presets import PRESETS\n"
        "assert len(PRESETS) >= 11\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_dirac_orbit_grows_by_exactly_its_closed_form():
    experiment, h = preset("dirac"), 0.02
    start = init(experiment.game, 0, dtype=torch.float64)
    assert (float(start.g), float(start.d)) == (1, 1)
    theta, psi = 1.0, 1.0
    for state, _ in play(experiment, state=start):
        theta, psi = theta + h * psi, psi - h * theta
        assert float(state.g) == pytest.approx(theta, abs=1e-12)
        assert float(state.d) == pytest.approx(psi, abs=1e-12)
        if state.step == 400:
            break
    assert math.hypot(theta, psi) == pytest.approx(math.sqrt(2) * (1 + h**2) ** 200)


@pytest.mark.parametrize("cure", [{"penalty": "r1", "penalty_weight": 1.0}, {"unroll": 5}])
def test_what_the_note_of_dirac_promises_leads_into_the_middle(cure):
    for state, _ in play(preset("dirac", **cure)):
        if state.step == 1_800:
            break
    assert math.hypot(float(state.g), float(state.d)) < 0.1


def test_alternating_updates_keep_the_dirac_orbit_closed():
    h = 0.02
    for state, _ in play(
        preset("dirac", order="alternating"), state=init(preset("dirac").game, 0, dtype=torch.float64)
    ):
        theta, psi = float(state.g), float(state.d)
        assert theta**2 + psi**2 - h * theta * psi == pytest.approx(2 - h, abs=1e-10)
        if state.step == 400:
            break
