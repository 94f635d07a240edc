"""The laboratory as a person meets it: plain `panel serve` and a real browser."""

import json
import math
from urllib.parse import urlencode

import numpy as np
import pytest

import gandyn
from gandyn.ui.session.choices import listed_presets
from tests.ui.conftest import until

pytestmark = pytest.mark.browser
# A page holds each step of a run of up to 800 steps, so a comparison step by step wants a run that does not
# outrun its pause: at 60 steps a second there are ten seconds for it, on any machine.
STEADY = {"batch_size": 32, "steps_per_second": 60}


def headless_losses(steps: int, **controls):
    run = gandyn.Run(gandyn.preset("collapse", **controls))
    run.advance(steps)
    return run.series("critic_loss")[1].astype(np.float32)


def losses_up_to(lab, step: int):
    seen = lab.source("losses")
    return [loss for at, loss in zip(seen["step"], seen["critic"], strict=True) if at <= step]


def pause_after(lab, step: int):
    lab.wait(f"window.gandyn.step >= {step}", 60)
    lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    until(lab.is_paused, 10, "paused")


def test_it_opens_plays_and_moves_without_an_error(open_lab):
    lab = open_lab()
    assert lab.js("window.gandyn.controls.objective") == "minimax" and lab.js("window.gandyn.playing")
    assert lab.js("document.title") == "gandyn"
    before = lab.source("generated")
    lab.wait("window.gandyn.step > 60")
    after = lab.source("generated")
    assert len(before["x"]) == len(after["x"]) == 1000
    assert max(abs(a - b) for a, b in zip(before["x"], after["x"], strict=True)) > 0.01
    assert set(lab.source("modes")) == {"step", "covered", "hq"} and set(lab.source("gap")) == {
        "step",
        "f",
        "f_k",
        "gap",
    }
    lab.page.get_by_text("step 1").first.wait_for()
    assert lab.problems == []


CHANGES = {
    "objective": "wasserstein", "penalty": "lecam", "penalty_weight": 0.1, "clip": 0.05, "unroll": 2,
    "unroll_player": "both", "unroll_order": "first", "probe_unroll": 3,
    "lr_g": 2e-3, "lr_d": 3e-3, "beta1": 0.4, "beta2": 0.99, "eps": 1e-7, "ema": 0.9, "averaging": "uniform",
    "decay_g": 0.4, "decay_d": 0.2, "decay_steps": 200.0,
    "critic_steps": 2, "generator_steps": 2, "order": "alternating", "batch_size": 64, "freeze": "generator",
    "engine": "autograd", "target.radius": 1.5, "target.sigma": 0.2, "target.modes": 6, "target.rotation": 20,
    "target.weights": "1,1,1,1,1,2", "target.closed": 1, "steps_per_second": 80,
    "generator.widths": "32,32", "generator.activation": "tanh", "generator.init": "normal", "generator.std": 0.1,
    "generator.gain": 1.2, "generator.input_scale": 0.5, "generator.bias": False,
    "generator.output": "tanh", "critic.output": "sigmoid", "critic.widths": "16",
    "critic.activation": "elu", "critic.init": "he", "critic.gain": 0.9, "critic.std": 0.1, "critic.input_scale": 0.5,
    "critic.bias": False, "critic.curvature": 0.5, "generator.norm": "batch", "critic.norm": "layer",
    "critic.pack": 2, "critic.minibatch": "deviation",
    "optimizer_g": "rmsprop", "optimizer_d": "sgd", "latent_size": 8, "latent": "uniform",
    "seed": 7, "device": "cpu",
    "update_rule": "consensus",
    "update_rule.gamma": 2.0,
}  # fmt: skip


def test_each_control_reaches_the_run_and_the_link(open_lab):
    lab = open_lab()
    declared = set(gandyn.preset("collapse").controls()) - {"target"}
    assert declared <= set(CHANGES), "a new control belongs in this test"
    for name, value in CHANGES.items():
        lab.set(name, value)
        wanted = [float(v) for v in value.split(",")] if isinstance(value, str) and value[0].isdigit() else value
        in_page = f"JSON.stringify(window.gandyn.controls[{json.dumps(name)}])"
        lab.wait(f"{in_page} === JSON.stringify({json.dumps(wanted)})", 10)
    lab.wait("new URLSearchParams(location.search).get('generator.widths') === '32,32'")
    lab.set("target", "spiral")
    lab.wait("window.gandyn.controls.target === 'spiral'")
    assert lab.problems == []


def test_space_pauses_and_plays_and_the_arrow_makes_one_step(open_lab):
    lab = open_lab()
    pause_after(lab, 20)
    stood = lab.js("window.gandyn.step")
    lab.page.keyboard.press("ArrowRight")
    lab.wait(f"window.gandyn.step === {stood + 1}")
    lab.page.keyboard.press("Space")
    lab.wait(f"window.gandyn.step > {stood + 10}")


def test_a_reset_with_the_same_seed_is_the_same_run_bit_for_bit(open_lab):
    lab = open_lab(f"?{urlencode(STEADY)}")
    pause_after(lab, 120)
    first = losses_up_to(lab, 100)
    lab.page.keyboard.press("r")
    lab.wait("window.gandyn.step === 0")
    lab.page.keyboard.press("Space")
    pause_after(lab, 120)
    assert len(first) == 100 and losses_up_to(lab, 100) == first
    assert np.array_equal(np.float32(first), headless_losses(100, batch_size=32)), "and the run without a browser"


def test_a_link_opens_the_same_run(open_lab):
    lab = open_lab(f"?{urlencode(STEADY)}")
    for name, value in {
        "lr_d": 2e-3,
        "unroll": 1,
        "target.radius": 1.7,
        "objective": "non-saturating",
        "seed": 3,
    }.items():
        lab.set(name, value)
        lab.wait(f"window.gandyn.controls['{name}'] === {json.dumps(value)}")
    lab.wait("new URLSearchParams(location.search).get('seed') === '3'")
    query, controls = lab.js("location.search"), lab.js("window.gandyn.controls")
    pause_after(lab, 0)
    lab.page.keyboard.press("r")
    lab.wait("window.gandyn.step === 0")
    lab.page.keyboard.press("Space")
    pause_after(lab, 60)
    other = open_lab(query)
    pause_after(other, 60)
    assert other.js("window.gandyn.controls") == controls
    assert losses_up_to(other, 50) == losses_up_to(lab, 50) and len(losses_up_to(lab, 50)) == 50


def test_two_sessions_do_not_disturb_each_other(open_lab):
    changes = [{"lr_g": 5e-3, "seed": 1}, {"objective": "hinge", "seed": 2}]
    labs = [open_lab(f"?{urlencode(STEADY | change)}") for change in changes]
    for lab, change in zip(labs, changes, strict=True):
        pause_after(lab, 60)
        wanted = headless_losses(50, batch_size=32, **change)
        assert np.array_equal(np.float32(losses_up_to(lab, 50)), wanted)


@pytest.mark.parametrize(
    "name", ["ring-wgan-gp", "ring-wgan-clip", "rotation", "dirac", "unrolled-paper", "wgan-gp-toy-swiss-roll"]
)
def test_every_kind_of_preset_opens(open_lab, name):
    assert name in listed_presets()
    lab = open_lab(f"?preset={name}")
    lab.wait("window.gandyn.step > 3", 60)
    assert lab.problems == []
    image = np.array(lab.source("critic")["image"][0])
    assert np.isfinite(image).all() and np.ptp(image) > 0
    if name == "dirac":
        assert set(lab.source("generated")["y"]) == {0}
    if name == "wgan-gp-toy-swiss-roll":
        lab.wait("Bokeh.documents[0].get_model_by_name('distance').data.sw2.length > 0")


def test_going_from_preset_to_preset_and_back_leaves_the_page_whole(open_lab):
    lab = open_lab()
    for name, parameters in {"dirac": ["at"], "collapse": ["radius", "modes"], "rotation": ["modes"]}.items():
        lab.set("preset", name)
        lab.wait(f"window.gandyn.controls && new URLSearchParams(location.search).get('preset') === '{name}'")
        lab.wait("window.gandyn.step > 3", 30)
        for parameter in parameters:
            lab.page.locator(f"input[name='target.{parameter}']").first.wait_for()
            lab.js(f"Bokeh.documents[0].get_model_by_name('target.{parameter}').value")
    assert lab.problems == []


def test_play_0_opens_it_paused(open_lab):
    lab = open_lab("?play=0")
    assert lab.js("window.gandyn.step") == 0 and lab.is_paused()
    assert len(lab.source("generated")["x"]) == 1000, "and shows where it starts"


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("?preset=colapse", "colapse"),
        ("?preset=mnist-wgan", "mnist-wgan"),
        ("?lr_g=-1", "lr_g must be a number"),
        ("?unroll=many", "unroll must be a"),
        ("?colour=red", "colour"),
        ("?generator.widths=1e9", "generator.widths"),
    ],
)
def test_a_bad_link_is_one_clear_line_and_a_running_laboratory(open_lab, query, line):
    lab = open_lab(query)
    lab.page.get_by_text(line).first.wait_for()
    lab.wait("window.gandyn.step > 3")
    assert lab.problems == []


def test_nan_is_a_notice_and_the_last_finite_state_is_kept(open_lab):
    lab = open_lab("?objective=least-squares&optimizer_d=sgd&critic.activation=softplus&play=0")
    lab.set("lr_d", 100)
    lab.page.keyboard.press("Space")
    lab.page.get_by_text("stop being finite").first.wait_for()
    lab.page.get_by_role("button", name="play (space)").wait_for()  # it knows at once that it has stopped
    stood = lab.js("window.gandyn.step")
    assert all(map(math.isfinite, lab.source("generated")["x"]))
    lab.set("objective", "hinge")
    lab.set("lr_d", 1e-4)
    lab.set("clip", 0.1)
    lab.page.keyboard.press("Space")
    lab.wait(f"window.gandyn.step > {stood}")
    assert lab.problems == []
