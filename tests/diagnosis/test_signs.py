"""The signs of a diagnosis: from made-up evidence, what each says, and when it says nothing."""

import numpy as np
import pytest

import gandyn
from gandyn.diagnosis import ABOUT, SIGNS, Evidence, diagnose, in_words
from gandyn.ui.studies import STUDIES
from gandyn.ui.views import VIEWS

RING = gandyn.preset("collapse")
PLANE = RING.replace(target="swiss-roll")
SPREAD = [0.2, 0.2, 0.2, 0.2, 0, 0, 0, 0]
ALL = [0.11] * 8


def evidence(shares=(), past=(), experiment=RING, step=40, outside=0.0, **measures):
    """Evidence with readings at steps 10, 20, ..., with these columns."""
    past = {name: np.array(values, float) for name, values in dict(past).items()}
    n = len(next(iter(past.values()), ()))
    shares = np.array(shares, float)
    p = shares[shares > 0] / shares.sum()
    effective = float(np.exp(-(p * np.log(p)).sum())) if len(shares) else None
    measures = {
        "hq": float(shares.sum()) if len(shares) else None,
        "effective_modes": effective,
        "sw2": 1.0,
        "sw2_floor": 0.1,
        **measures,
    }
    return Evidence(experiment, step, measures, shares, np.arange(1, n + 1) * 10, past, outside)


def test_where_there_are_no_modes_a_collapse_is_what_reaches_little_of_the_data():
    few, many = (evidence(experiment=PLANE)._replace(reached=reach) for reach in (0.09, 0.66))
    assert diagnose(few)[0][::2] == ("collapsed", "Collapsed: the samples reach 9% of the data.")
    assert diagnose(many)[0].name == "distance"


def led_by(*modes, share=0.8):
    return {"top_mode": modes, "top_share": [share] * len(modes), "hq": [0.9] * len(modes), "covered": [1] * len(modes)}


SAMPLES = {
    "outside": (evidence(SPREAD, covered=4, outside=0.35), "Samples leave the window: 35% are beyond it."),
    "rotating": (
        evidence([0.9, *[0] * 7], led_by(5, 5, 3, 1, 0, 2), step=60, covered=1),
        "Rotating: the leading mode changed 3 times in the last 30 steps.",
    ),
    "collapsed": (
        evidence([0.5, 0.45, 0.02, *[0] * 5], led_by(1, 1, 1, 1), covered=2),
        "Collapsed to 2 of 8 modes: 95% of the samples are there.",
    ),
    "between": (evidence([0.06, 0.03], covered=1), "Between the modes: 9% of the samples are near one."),
    "at-floor": (
        evidence(ALL, covered=8, sw2=0.14),
        "At the sampling floor: sliced distance 0.14, where as many real samples have 0.1.",
    ),
    "healed": (
        evidence(ALL, {"covered": [8, 1, 4, 8]}, covered=8),
        "Healed: all 8 modes are covered; at step 20 it was 1.",
    ),
    "spreading": (
        evidence(SPREAD, {"covered": [0, 1, 2, 2]}, covered=4),
        "Spreading: 4 of 8 modes are covered, up from 2."),
    "losing": (
        evidence(SPREAD, {"covered": [8, 8, 7, 6]}, covered=4),
        "Losing modes: 4 of 8 are covered, down from 7."),
    "coverage": (
        evidence(SPREAD, {"covered": [4] * 4}, covered=4),
        "4 of 8 modes are covered, with 80% of the samples near one."),
    "distance": (
        evidence((), {"sw2": [2, 2, 2, 1.5]}, PLANE),
        "Coming nearer: distance 1, from 2.",
    ),
}  # fmt: skip
GP = RING.replace(objective="wasserstein", penalty="gradient-penalty")
FALLING = [-0.1] * 4 + [-0.6] * 4
PLAYERS = {
    "saturated": (
        evidence(SPREAD, {"grad_norm_g": [1, 0.9, 0.8, 0.5, *[2e-6] * 4], "auc": [0.9] * 4 + [1] * 4}, covered=4),
        "The critic has saturated (AUC 1.00): of the generator's gradient 2e-06 is left.",
    ),
    "clipped": (
        evidence(SPREAD, {"at_clip": [0, 0.2, 0.93]}, RING.replace(clip=0.01), covered=4),
        "93% of the critic's weights sit at the clip of 0.01.",
    ),
    "penalty-too-weak": (
        evidence(SPREAD, {"slope": [1, 0.2]}, GP, covered=4),
        "Gradient norm 0.2 at the interpolates, not 1: the penalty is too weak.",
    ),
    "wasserstein-sign": (
        evidence(SPREAD, {"f": [-0.1] * 4 + [-0.6] * 4, "slope": [1.0] * 8}, GP, step=10, covered=4),
        "The critic's loss without the penalty is -0.6 and falling: minus its estimate of W1, which is no failure.",
    ),
}


def test_healed_is_what_a_change_has_healed_and_not_what_had_yet_to_begin():
    began = evidence(ALL, {"covered": [0, 3, 1, 2, 8]}, covered=8)
    assert diagnose(began)[0].name != "healed"
    cured = began._replace(changed={"unroll": 45, "lr_d": 45})
    assert diagnose(cured)[0].text == "Healed: all 8 modes are covered; at step 40 it was 2."
    later = began._replace(changed={"unroll": 45, "lr_d": 60})
    assert diagnose(later)[0].text == "Healed: all 8 modes are covered; at step 40 it was 2."


@pytest.mark.parametrize("name", [*SAMPLES, *PLAYERS])
def test_what_a_sign_says(name):
    of, text = {**SAMPLES, **PLAYERS}[name]
    about = "samples" if name in SAMPLES else "players"
    findings = [finding for finding in diagnose(of) if SIGNS[finding.name].about == about]
    assert [(finding.name, finding.text) for finding in findings] == [(name, text)]


def test_every_sign_is_tried_here_and_points_to_a_view():
    assert set(SIGNS) == {*SAMPLES, *PLAYERS}
    assert {sign.view for sign in SIGNS.values()} <= {*VIEWS, *STUDIES}
    assert {sign.about for sign in SIGNS.values()} == set(ABOUT)


@pytest.mark.parametrize(
    "of",
    [
        evidence(SPREAD, {"grad_norm_g": [1] * 4 + [1e-6] * 4, "auc": [0.6] * 8}, covered=4),  # it has converged
        evidence(SPREAD, {"grad_norm_g": [1e-6] * 3, "auc": [1] * 3}, covered=4),  # nothing to compare with
        evidence(SPREAD, {"at_clip": [0.4]}, RING.replace(clip=0.01), covered=4),
        evidence(SPREAD, {"slope": [0.9]}, GP, covered=4),
        evidence(SPREAD, {"slope": [0.2]}, GP.replace(penalty="one-sided"), covered=4),  # it asks for at most 1
        evidence(SPREAD, {"slope": [9.0]}, RING, covered=4),  # no penalty asks for 1
        evidence(SPREAD, {"f": [-0.6] * 4 + [-0.3] * 4}, GP, step=10, covered=4),  # shrinking
        evidence(SPREAD, {}, covered=4),
    ],
    ids=range(8),
)
def test_of_players_with_whom_nothing_is_wrong_nothing_is_said(of):
    assert [finding.name for finding in diagnose(of) if SIGNS[finding.name].about == "players"] == []


def test_readings_of_another_target_are_no_past():
    past = {"covered": [8, 1, 4, 8]}
    other = evidence(ALL, past, covered=8)._replace(changed={"target.modes": 40})
    assert diagnose(other)[0].name == "coverage"


def test_a_critic_of_points_that_are_nearly_met_has_not_saturated():
    past = {"grad_norm_g": [1] * 4 + [4e-2] * 4, "auc": [1] * 8, "sw2": [1, *[0.02] * 7]}
    of = evidence((), past, gandyn.preset("dirac"), step=80, sw2=0.016)
    assert [finding.name for finding in diagnose(of) if finding.about == "players"] == []
    far = of._replace(measures={**of.measures, "sw2": 0.5})
    assert [finding.name for finding in diagnose(far) if finding.about == "players"] == ["saturated"]


LATER = {"clip": 25, "penalty.r1": 25, "objective": 25}  # changed after the readings at steps 10 and 20


@pytest.mark.parametrize(
    "of",
    [
        evidence(SPREAD, {"at_clip": [0.9, 0.93]}, RING.replace(clip=0.01), covered=4)._replace(changed=LATER),
        evidence(SPREAD, {"slope": [1, 0.2]}, GP, covered=4)._replace(changed=LATER),
        evidence(SPREAD, {"slope": [1, 0.2]}, GP.replace(clip=0.1), covered=4),
        evidence(SPREAD, {"slope": [1, 0.2]}, GP.replace(freeze="critic"), covered=4),
        evidence(SPREAD, {"slope": [1, 0.2]}, GP.replace(lr_d=0), covered=4),
        evidence(SPREAD, {"slope": [1, 0.2]}, GP.replace(penalty="gradient-penalty+r1"), covered=4),
        evidence(SPREAD, {"f": FALLING, "slope": [9e4] * 8}, GP.replace(penalty="none"), step=10, covered=4),
        evidence(SPREAD, {"f": FALLING, "slope": [2.5] * 8}, GP.replace(penalty="r1"), step=10, covered=4),
        evidence(SPREAD, {"f": FALLING, "slope": [1.0] * 8}, GP, step=10, covered=4)._replace(changed={"penalty": 70}),
        evidence(
            SPREAD, {"grad_norm_g": [1] * 4 + [1e-6] * 4, "auc": [1] * 8}, covered=4, step=80
        )._replace(changed={"objective": 40}),
    ],
    ids=range(10),
)  # fmt: skip
def test_readings_of_other_settings_and_other_reasons_are_not_taken_for_a_fault(of):
    assert [finding.name for finding in diagnose(of) if SIGNS[finding.name].about == "players"] == []


def test_where_a_clip_bounds_the_critic_its_loss_is_said_to_be_in_units_of_its_slope():
    experiment = RING.replace(objective="wasserstein", clip=0.01)
    texts = [finding.text for finding in diagnose(evidence(SPREAD, {"f": FALLING}, experiment, step=10, covered=4))]
    assert texts[-1] == (
        "The critic's loss is -0.6 and falling: minus its estimate of W1 times the slope that the clip allows, "
        "which is no failure."
    )


def test_the_findings_are_one_line_the_samples_first():
    of, text = SAMPLES["collapsed"]
    past = {"grad_norm_g": np.array([*[1.0] * 4, *[1e-6] * 4]), "auc": np.ones(8)}
    both = of._replace(past=past, at=np.arange(8))
    assert (
        in_words(diagnose(both))
        == f"{text} The critic has saturated (AUC 1.00): of the generator's gradient 1e-06 is left."
    )


def test_nothing_is_said_of_nothing_and_before_the_first_step_that_it_is_untrained():
    of = Evidence(RING, 5, {}, np.empty(0), np.empty(0), {})
    assert diagnose(of) == []
    assert in_words(diagnose(evidence(SPREAD, covered=4, step=0))).startswith("Not trained yet")


def test_of_a_run_the_sentences_are_those_of_the_presets_note():
    """Of `collapse`: by step 1,500 one blob, with the look-ahead all modes."""
    from gandyn.live.broadcast import Broadcast
    from gandyn.live.frame_builder import FrameBuilder
    from tests.live.test_frame import decode

    broadcast = Broadcast(gandyn.Run(gandyn.preset("collapse"), measured=True), FrameBuilder())

    def sentence():
        return decode(broadcast._make_frame(broadcast, frozenset()).encode(series=False))[0]["caption"]

    assert sentence().startswith("Not trained yet")
    broadcast.run.advance(1500)
    assert sentence().split()[0].strip(":") in ("Collapsed", "Rotating")
    broadcast.run.set(unroll=5, lr_d=1e-3)
    broadcast.run.advance(6000)
    assert "8 modes are covered" in sentence() or sentence().startswith("At the sampling floor")
