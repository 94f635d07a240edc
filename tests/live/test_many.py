"""Many GANs at once: what a frame shows of each, what a click changes, and that one which is lost disturbs no other."""

import json

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.lanes import select_lane
from gandyn.live.bands import bands, quantiles
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.many import DOTS
from gandyn.timeline.readings import spacing
from tests.live.test_frame import decode
from tests.live.test_run import small

LANES = 4
WHOLE = LAYERS | {"many"}


class OnAir:
    """A broadcast of a run, and its frames."""

    def __init__(self, steps: int = 30, lanes: int | None = LANES, seed: int = 0, **controls) -> None:
        self.run = gandyn.Run(small(**controls), seed=seed, lanes=lanes, measured=True)
        self.broadcast = Broadcast(self.run, FrameBuilder(), playing=False)
        self.run.advance(steps)

    def frame(self, layers=WHOLE):
        return decode(self.broadcast._make_frame(self.broadcast, layers).encode(series=True))

    def lose(self, i: int) -> None:
        """The numbers of one GAN stop being finite."""
        g = self.run.state.g.clone()
        g[i] = torch.nan
        self.run.timeline.stand_at(self.run.state._replace(g=g))


@pytest.mark.parametrize("chosen", [0, 2])
@pytest.mark.parametrize("unroll", [0, 2])
def test_the_stage_shows_the_chosen_one_as_a_run_of_its_seed_does(chosen, unroll):
    many, one = OnAir(seed=5, unroll=unroll), OnAir(lanes=None, seed=5 + chosen, unroll=unroll)
    many.broadcast.lane = chosen
    (header, sources), (plain_header, plain) = many.frame(), one.frame()
    assert header["seed"] == plain_header["seed"] == 5 + chosen
    assert header["controls"]["lanes"] == LANES and plain_header["controls"]["lanes"] == 1
    for source in ("real", "generated", "losses", "gap", "modes", "critic", "shares", "circles"):
        for name, values in plain[source].items():
            assert np.allclose(sources[source][name], values, atol=2e-2), (source, name)
    assert header["measures"].keys() == plain_header["measures"].keys()


def test_small_pictures_hold_the_first_samples_of_each_ones_stage():
    on_air = OnAir()
    header, sources = on_air.frame()
    assert header["many"] == {"lane": 0, "seeds": [0, 1, 2, 3], "lost": [False] * LANES, "flat": False}
    assert len(header["covered"]) == LANES
    assert sources["lanes"]["x"].shape == (LANES, DOTS)
    for i in range(LANES):
        on_air.broadcast.lane = i
        stage = on_air.frame()[1]["generated"]
        assert np.allclose(stage["x"][:DOTS], sources["lanes"]["x"][i], atol=1e-5)


def test_what_nobody_looks_at_is_not_sent(monkeypatch):
    on_air = OnAir()
    monkeypatch.setattr("gandyn.live.many.Pictures.show", None)
    header, sources = on_air.frame(WHOLE - {"many"})
    assert "many" not in header and not {"lanes", "bands_gap", "bands_covered"} & set(sources)
    assert {"generated", "modes", "gap"} <= set(sources)


def test_a_run_of_one_has_no_pictures_of_many():
    header, sources = OnAir(lanes=None).frame()
    assert "many" not in header and "lanes" not in sources and "bands_gap" not in sources


def test_a_click_shows_at_once_all_that_the_other_has_done(monkeypatch):
    on_air = OnAir(0)
    on_air.broadcast.playing = True  # and no look is due
    for _ in range(5):
        on_air.frame()
        on_air.run.advance(20)
        (builder,) = on_air.broadcast._make_frame._builders.values()
    monkeypatch.setattr(builder._curves, "_due", 0.0)
    first = on_air.frame()[1]
    on_air.broadcast.lane = 3
    other = on_air.frame()[1]
    assert other["gap"]["step"].tolist() == first["gap"]["step"].tolist()
    assert other["gap"]["gap"].tolist() != first["gap"]["gap"].tolist()
    assert other["modes"]["step"].tolist() == first["modes"]["step"].tolist() == other["gap"]["step"].tolist()
    assert other["bands_gap"]["p50"].tolist() == first["bands_gap"]["p50"].tolist()


def test_a_click_is_news_for_a_run_that_stands_still():
    on_air = OnAir()
    on_air.broadcast.want_frame()
    on_air.broadcast.serve()
    before = on_air.broadcast.frames.get()[0]
    on_air.broadcast.want_frame()
    on_air.broadcast.serve()
    assert on_air.broadcast.frames.get()[0] == before
    on_air.broadcast.lane = 1
    on_air.broadcast._last_frame = 0.0
    on_air.broadcast.serve()
    assert on_air.broadcast.frames.get()[0] == before + 1


@pytest.mark.parametrize("controls", [{}, {"unroll": 2}, {"target": "spiral"}, {"target": "dirac"}])
def test_bands_lie_around_the_median_of_all(controls):
    header, sources = OnAir(**controls).frame()
    names = {"bands_gap", "bands_covered", "bands_hq"} if not controls.get("target") else {"bands_gap", "bands_sw2"}
    assert {name for name in sources if name.startswith("bands")} == names
    for name in names:
        rows = np.stack([sources[name][column] for column in ("p10", "p25", "p50", "p75", "p90")])
        assert len(sources[name]["step"]) and (np.diff(rows, axis=0) >= 0).all()
    json.dumps(header, allow_nan=False)


@pytest.mark.parametrize("chosen", [0, 1])
def test_one_that_is_lost_is_told_and_the_others_go_on(chosen):
    on_air = OnAir()
    on_air.frame()
    on_air.lose(1)
    on_air.broadcast.lane = chosen
    on_air.run.advance(5)
    run_step = on_air.run.state.step
    header, sources = on_air.frame()
    assert header["many"]["lost"] == [False, True, False, False] and header["covered"][1] is None
    assert np.isnan(sources["lanes"]["x"][1]).all() and np.isfinite(sources["lanes"]["x"][[0, 2, 3]]).all()
    assert ("generated" in sources) == (chosen == 0)
    last = run_step - run_step % spacing(run_step, 4)
    assert sources["bands_gap"]["step"][-1] == sources["bands_covered"]["step"][-1] == last
    assert all(np.isfinite(values).all() for values in sources["bands_gap"].values())


def test_quantiles_are_those_of_what_is_finite():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 16))
    values[rng.random(values.shape) < 0.4] = np.nan
    values[3, 2], values[7] = np.inf, np.nan
    at = np.array([0, 0.1, 0.25, 0.5, 0.9, 1])
    ours, plain = quantiles(values, at), np.where(np.isfinite(values), values, np.nan)
    some = np.arange(50) != 7
    assert np.allclose(ours[some], np.nanquantile(plain[some], at, axis=1).T)
    assert np.isnan(ours[7]).all()
    assert len(bands("b", np.arange(50), values)[0].values) == 49


def test_alone_has_its_own_numbers():
    run = gandyn.Run(small(lr_g=1e-3), lanes=2, seed=3)
    run.set(lr_g=[1e-3, 2e-3])
    own, state = select_lane(run.experiment, run.state, 1)
    assert (own.seed, own.knobs.lr_g, state.g.ndim) == (4, 2e-3, 1)


def test_a_reset_may_change_how_many():
    run = gandyn.Run(small())
    run.advance(5)
    run.reset(lanes=3)
    run.advance(5)
    assert (run.lanes, run.state.g.shape[0], run.trace()["lanes"]) == (3, 3, 3)
    run.reset()
    assert run.lanes == 3
    run.reset(lanes=None)
    run.advance(5)
    assert run.lanes is None and run.state.g.ndim == 1
    with pytest.raises(ValueError, match="lanes must be a whole number"):
        run.reset(lanes=0)
