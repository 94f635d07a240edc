"""In a comparison that plays, all that a frame shows of a run is of that run's own state, and all stand at one step.

What a frame ought to show is computed by hand from the state of a run that nobody watches.
"""

import time
from collections import Counter
from functools import partial
from typing import Any

import numpy as np
import pytest

import gandyn
from gandyn.core.dynamics import probe_gap
from gandyn.core.play import draw_batches
from gandyn.core.rng import Rng
from gandyn.probes.inputs import generate, latents, reals
from gandyn.probes.reference import RIVALS, reference
from tests.live.by_hand import (
    perceptron,
    ring,
    says_of_distance,
    says_of_modes,
    says_of_reach,
    says_of_the_stage,
    sliced,
)
from tests.live.test_frame import decode_all
from tests.live.test_run import same, small
from tests.live.test_side_by_side import side_by_side

FRAMES, SAMPLES, CELLS, JUDGED = 300, 1000, 64, 512
TWO = ({}, {"unroll": 3})
FOUR = ({}, {"penalty": "r1", "ema": 0.9}, {"objective": "wasserstein", "clip": 0.1}, {"target": "spiral", "seed": 2})
#: changes while it plays: after so many frames, of which runs, which controls
CHANGES = {
    60: (slice(0, 2), {"target.radius": 1.5, "lr_d": 2e-3}),
    120: (slice(0, 1), {"unroll": 2}),
    180: (slice(0, 1), {"unroll": 0}),
}


def says_without_modes(header: dict, dots: np.ndarray, real: np.ndarray, *rest: Any) -> bool:
    """Whether the caption is that of samples which reach little, or the distance of others."""
    few = says_of_reach(header["caption"], dots.astype(np.float64), real, header["window"])
    return says_of_distance(header["caption"], *rest) if few is None else few


class Alone:
    """One of the runs once more, watched by nobody: what a frame of it ought to show."""

    def __init__(self, experiment: gandyn.Experiment) -> None:
        self.run = gandyn.Run(experiment, measured=True)
        self.frames: dict[int, tuple[gandyn.Experiment, gandyn.State, dict]] = {}  # by step, since the last look-ahead
        self.captions: Counter[str] = Counter()

    def go_to(self, step: int) -> None:
        self.run.advance(step - self.run.state.step)

    def check(self, header: dict, sources: dict) -> None:
        """Everything in this part of a frame is of the step that it says."""
        self.go_to(header["step"])
        run, measures = self.run, header["measures"]
        self.frames[run.state.step] = run.experiment, run.state, run.metrics
        dots = self._check_dots(sources["generated"])
        real = reference(run.experiment.target, SAMPLES).double().numpy()
        distance = sliced(dots.astype(np.float64), real)
        assert np.isclose(measures["sw2"], distance, rtol=1e-4)
        at, rows = run.readings()
        moved = [one["step"] for one in run.timeline.events() if any(name[:6] == "target" for name in one["controls"])]
        since = at > max(moved, default=-1)  # readings of another target are no past of this one
        past = header["step"], at[since], rows[since][..., 0]
        if run.experiment.target.name == "ring":
            at = self._check_modes(dots, measures, sources)
            said = partial(says_of_modes, header["caption"], at, distance, *past)
        else:
            draws = [run.experiment.target.draw(SAMPLES, rival).double().numpy() for rival in RIVALS]
            floor = float(np.mean([sliced(draw, real) for draw in draws]))
            assert not {"circles", "shares"} & sources.keys()
            said = partial(says_without_modes, header, dots, real, distance, floor, *past)
        if header["step"]:
            gone = says_of_the_stage(header["caption"], dots, header["window"])
            assert said() if gone is None else gone, header["caption"]
        self.captions[header["caption"].split()[0]] += 1
        self._check_map(header, sources["critic"]["image"])
        self._check_latest({name: values[0] for name, values in sources["latest"].items()}, measures)

    def _check_dots(self, columns: dict) -> np.ndarray:
        """The dots [n, 2]: the very bits of the generator, whose values by hand are the same."""
        run, rng = self.run, Rng(self.run.seed)
        dots = np.stack([columns["x"], columns["y"]], 1).astype(np.float32)
        assert dots.tobytes() == generate(run.experiment, run.state, SAMPLES, rng).numpy().tobytes()
        theta = run.state.ema_g if run.experiment.knobs.ema else run.state.g
        z = latents(run.experiment, run.state, SAMPLES, rng).double().numpy()
        assert np.allclose(dots, perceptron(run.experiment.game.generator, theta, z), atol=1e-4)
        return dots

    def _check_modes(self, dots: np.ndarray, measures: dict, sources: dict):
        """Circles, bars and numbers."""
        values, circles, shares = self.run.experiment.values(), sources["circles"], sources["shares"]
        k, sigma = values["target.modes"], values["target.sigma"]
        at = ring(dots, k, values["target.radius"], sigma)
        assert np.allclose(np.stack([circles["x"], circles["y"]], 1), at.centres, atol=1e-6)
        assert np.allclose(circles["radius"], 3 * sigma) and np.allclose(shares["weight"], 1 / k)
        assert (circles["covered"] == at.covered).all()
        assert (shares["share"] == at.shares.astype(np.float32)).all()
        assert measures["modes"] == at.near.any(0).sum() and measures["covered"] == at.covered.sum()
        assert measures["hq"] == at.hq
        p = at.shares[at.shares > 0] / (at.hq or 1)
        assert measures["reverse_kl"] == (pytest.approx((p * np.log(k * p)).sum(), abs=1e-9) if len(p) else None)
        return at

    def _check_map(self, header: dict, image: np.ndarray) -> None:
        run, window, scale = self.run, header["window"], header["map"]
        critic = run.experiment.game.critic
        line = window * (2 * np.arange(CELLS) + 1 - CELLS) / CELLS
        places = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
        values = perceptron(critic, run.state.d, places).reshape(CELLS, CELLS)
        if scale["kind"] == "probability":
            values = 1 / (1 + np.exp(-values))
        level = np.ptp(values) / 255
        assert np.abs(image - values).max() <= 0.501 * level + 1e-5
        if scale["kind"] == "difference":
            fake = generate(run.experiment, run.state, JUDGED, Rng(run.seed)).double().numpy()
            real = reals(run.experiment, JUDGED, Rng(run.seed)).double().numpy()
            middle = np.mean([perceptron(critic, run.state.d, x).mean() for x in (real, fake)])
            assert np.isclose(scale["mid"], middle, atol=1e-4)

    def _check_latest(self, latest: dict, measures: dict) -> None:
        """The ends of the curves. A look-ahead of the probe is slow: it says its own step, that of an earlier frame."""
        run, metrics = self.run, self.run.metrics
        assert latest["step"] == run.state.step
        wanted = {"critic": metrics.get("critic_loss"), "generator": metrics.get("generator_loss")}
        wanted |= {name: measures.get(name) for name in ("covered", "hq", "sw2")}
        for name, value in wanted.items():
            assert np.array_equal(latest[name], np.float32(np.nan if value is None else value), equal_nan=True)
        assert not run.experiment.rule.unroll or latest["probed"] == run.state.step
        experiment, state, metrics = self.frames[int(latest["probed"])]
        self.frames = {step: frame for step, frame in self.frames.items() if step >= state.step}
        if experiment.rule.unroll:
            f, f_k = (metrics["f"], metrics["f_k"]) if metrics.get("gap") else (np.nan, np.nan)
        else:
            batch = draw_batches(experiment, Rng(experiment.seed, state.step), state.g.dtype, state.g.device)[-1]
            how = experiment.game, experiment.rule, state, batch, experiment.knobs
            f, f_k = probe_gap(*how, experiment.probe_unroll)
        gap = [latest["f_k"], latest["gap"]]
        assert np.allclose(gap, [f_k, f - f_k], rtol=1e-4, atol=1e-4, equal_nan=True)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [TWO, FOUR], ids=["two", "four"])
def test_all_that_a_frame_of_a_comparison_shows_of_a_run_is_of_one_state_of_it(settings):
    experiments = [small(**controls) for controls in settings]
    runs, alone = [gandyn.Run(one, measured=True) for one in experiments], [Alone(one) for one in experiments]
    broadcast, frames, steps = side_by_side(*runs), [], set()
    broadcast.on_frame = lambda one: frames.append(one.frames.get()[1])
    changes, end = dict(CHANGES), time.monotonic() + 120
    while len(frames) < FRAMES:
        assert time.monotonic() < end, "waited in vain"
        if len(frames) in changes:
            which, controls = changes.pop(len(frames))
            for run, other in zip(runs[which], alone[which], strict=True):
                other.go_to(run.state.step)
                other.run.set(**controls)
                run.timeline.change(**controls)
        count = len(frames)
        broadcast.want_frame()
        broadcast.serve()
        if len(frames) == count:
            continue
        parts = decode_all(frames.pop().encode(series=bool(count % 2)))
        frames.append(count)
        assert len(parts) == len(alone) and [header["timeline"] for header, _ in parts] == [r.timeline.id for r in runs]
        assert {header["step"] for header, _ in parts} == {broadcast.run.state.step}, "all at one step"
        steps.add(broadcast.run.state.step)
        for one, (header, sources) in zip(alone, parts, strict=True):
            one.check(header, sources)
    assert len(steps) > 0.9 * FRAMES and not changes, "it played"
    assert all(same(run.state, one.run.state) for run, one in zip(runs, alone, strict=True))
    assert all(run.events() == one.run.events() for run, one in zip(runs, alone, strict=True))
    assert len(sum((one.captions for one in alone), Counter())) > 2, "of several kinds"
