"""The bytes of a frame, and the ranges that stay put."""

import json
import math
import struct
from contextlib import suppress

import numpy as np
import pytest
import torch

import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.curves import marks
from gandyn.live.frame import LAYERS, column, encode, image
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.ranges import ColourScale, StepAxis, ValueAxis
from gandyn.probes.divergence import outside
from gandyn.probes.window import round_up
from gandyn.timeline.last_finite import Diverged
from tests.live.test_run import small


def decode_all(message: bytes):
    """[(header, {source: {column: values}})] of each part, written from the format's description."""
    (length,) = struct.unpack("<I", message[:4])
    header, base = json.loads(message[4 : 4 + length]), 4 + length
    assert base % 4 == 0
    parts = [({**header, **part}, {}) for part in header["parts"]]
    for part, source, name, dtype, shape, offset, scale, shift in header["columns"]:
        assert offset % 4 == 0
        kind = {"f4": np.float32, "u1": np.uint8, "i4": np.int32}[dtype]
        raw = np.frombuffer(message, kind, int(np.prod(shape)), base + offset).reshape(shape)
        parts[part][1].setdefault(source, {})[name] = raw * scale + shift
    return parts


def decode(message: bytes):
    """The first part."""
    return decode_all(message)[0]


def frame_of(steps=30, layers=LAYERS, **controls):
    broadcast = Broadcast(gandyn.Run(small(**controls), measured=True), FrameBuilder())
    broadcast.run.advance(steps)
    return decode(broadcast._make_frame(broadcast, layers).encode(series=True)), broadcast.run


PART = {
    "timeline": "a", "step": 1, "seed": 0, "preset": "collapse", "device": "cpu", "controls": {"weights": [1, 2]},
    "window": 3.0, "measures": {"hq": math.nan, "covered": 2}, "caption": "", "notice": None, "differs": "",
    "axes": {"loss": [0.0, math.inf]}, "marks": [(3, "unroll 5")], "spikes": {"gap": [(2, 1, "4·10⁷")]}, "gap_k": 5,
    "spent": [(0, 0.0, 1.0)],
    "past": {"start": 0, "stop": 1, "events": [], "line": 0, "lines": [], "kept": [0.1, 64.0]},
}  # fmt: skip
WHOLE = {
    "id": 1,
    "stamp": 0,
    "time": 0.5,
    "playing": True,
    "rate": 60.0,
    "seeking": None,
    "series": True,
    "parts": [PART],
}


def test_a_header_holds_what_the_schema_says_and_nothing_else():
    header, _ = decode(encode(WHOLE, [[]]))
    assert header["measures"] == {"hq": None, "covered": 2} and header["axes"] == {"loss": [0.0, None]}
    assert header["marks"] == [[3, "unroll 5"]] and "outside" not in header
    for wrong in ({"step": "1"}, {"stepp": 1}, {"past": None}):
        with pytest.raises(ValueError, match=r"\$.parts\[0\]"):
            encode({**WHOLE, "parts": [{**PART, **wrong}]}, [[]])


def test_what_is_encoded_is_decoded():
    values = np.linspace(-3, 5, 7)
    picture = np.arange(25.0).reshape(5, 5) - 7
    header, sources = decode(
        encode(
            WHOLE,
            [[column("a", "x", values), image("critic", picture), column("a", "y", [1])]],
        )
    )
    assert header["step"] == 1
    assert np.allclose(sources["a"]["x"], values)
    assert np.abs(sources["critic"]["image"] - picture).max() <= (24 / 255) / 2 + 1e-6
    assert sources["a"]["y"].tolist() == [1]


def test_a_constant_image_is_its_value():
    message = encode(WHOLE, [[image("critic", np.full((3, 3), 0.25))]])
    assert (decode(message)[1]["critic"]["image"] == 0.25).all()


def test_the_frame_shows_what_the_run_is():
    (header, sources), run = frame_of()
    assert header["step"] == 30 and header["seed"] == 0 and header["controls"]["lr_d"] == run.experiment.knobs.lr_d
    assert sources["real"]["x"].shape == sources["generated"]["x"].shape == (1000,)
    assert sources["losses"]["step"].tolist() == list(range(1, 31))
    assert np.allclose(sources["losses"]["critic"], run.series("critic_loss")[1], atol=1e-6)
    assert sources["critic"]["image"].min() >= 0 and sources["critic"]["image"].max() <= 1
    assert (sources["critic"]["x"], sources["critic"]["dw"]) == (-3, 6)
    assert len(sources["circles"]["radius"]) == 8 and np.allclose(sources["circles"]["radius"], 0.45)
    assert set(sources["modes"]) == {"step", "covered", "hq"}
    assert header["measures"]["covered"] == sources["modes"]["covered"][-1]


def test_all_that_a_frame_shows_is_of_one_state():
    """Circles, bars and numbers of 300 frames of a run that plays are those of the very dots that are drawn."""
    broadcast = Broadcast(gandyn.Run(gandyn.preset("collapse"), measured=True), FrameBuilder())
    sigma = broadcast.run.experiment.target.sigma
    for _ in range(300):
        broadcast.run.advance(3)
        header, sources = decode(broadcast._make_frame(broadcast, LAYERS).encode(series=False))
        dots, circles = sources["generated"], sources["circles"]
        distance = np.hypot(dots["x"][:, None] - circles["x"], dots["y"][:, None] - circles["y"])
        near = distance <= 3 * sigma
        sure = ~(np.abs(distance - 3 * sigma) < 1e-5).any()  # the dots are float32
        counts, n, k = near.sum(0), len(dots["x"]), len(circles["x"])
        if sure and not (counts * 4 * k == n).any():
            assert (circles["covered"] == (counts * 4 * k >= n)).all()
            nearest = distance.argmin(1)[near.any(1)]
            assert np.allclose(sources["shares"]["share"], np.bincount(nearest, minlength=k) / n)
            assert header["measures"]["covered"] == circles["covered"].sum()
            assert np.isclose(header["measures"]["hq"], near.any(1).mean())
        assert header["step"] == broadcast.run.state.step


@pytest.mark.parametrize("preset", ["collapse", "dirac", "ring-wgan-gp"])
@pytest.mark.parametrize("objective", ["least-squares", "minimax", "wasserstein"])
def test_a_run_that_diverges_says_so_and_every_frame_of_it_can_be_sent(preset, objective):
    """Parameters stay finite for some steps while losses, samples and the critic's map do not."""
    rates = {"optimizer_d": "sgd", "optimizer_g": "sgd", "lr_d": 100, "lr_g": 100}
    broadcast = Broadcast(
        gandyn.Run(gandyn.preset(preset, objective=objective, **rates), measured=True), FrameBuilder()
    )
    notices = []
    for _ in range(60):
        with suppress(Diverged):
            broadcast.run.advance(1)
        header, _ = decode(broadcast._make_frame(broadcast, LAYERS).encode(series=True))
        notices.append(header["notice"])
    if preset == "collapse" or objective == "least-squares":
        assert any(one and one["text"].startswith("Diverging: ") for one in notices)
        assert {one["action"] for one in notices if one and one["text"].startswith("Diverging: ")} == {"reset"}


def test_samples_outside_of_the_window_are_counted_at_its_edges():
    samples = torch.tensor([[-4.0, 0.0], [4.0, 0.0], [5.0, -9.0], [0.0, 3.0], [float("nan"), 0.0]])
    assert outside(samples, 3.0) == [1, 2, 1, 0], "each once"
    assert outside(samples[:, :1], 3.0) == [1, 3, 0, 0]
    (header, _), _ = frame_of()
    assert header["outside"] == [0, 0, 0, 0]


def test_the_critic_of_a_wasserstein_game_is_a_value_around_its_middle():
    (header, sources), _ = frame_of(objective="wasserstein", clip=0.1)
    scale = header["map"]
    assert scale["kind"] == "difference"
    assert np.isclose(scale["mid"] - scale["low"], scale["high"] - scale["mid"])


def test_layers_that_nobody_shows_are_left_out():
    (_, sources), _ = frame_of(layers=frozenset())
    assert not {"critic", "contours", "midline", "arrows"} & set(sources)
    assert {"real", "generated", "circles", "shares"} <= set(sources)


def test_targets_without_modes_have_a_distance_instead():
    (header, sources), _ = frame_of(target="spiral")
    assert "modes" not in sources and "circles" not in sources
    assert set(sources["distance"]) == {"step", "sw2", "floor"}
    assert 0 < header["measures"]["sw2_floor"] < header["measures"]["sw2"]


def test_a_line_is_drawn_on_y_0():
    (_, sources), _ = frame_of(target="dirac")
    assert (sources["generated"]["y"] == 0).all() and (sources["real"]["y"] == 0).all()


@pytest.mark.parametrize("unroll", [0, 3])
def test_the_gap_never_disappears(unroll):
    (header, sources), run = frame_of(unroll=unroll, probe_unroll=4)
    gap = sources["gap"]
    assert np.allclose(gap["gap"], gap["f"] - gap["f_k"], atol=1e-6)
    assert header["gap_k"] == (unroll or 4)
    if unroll:
        assert np.allclose(gap["gap"], run.series("gap")[1], atol=1e-6)
    else:
        assert gap["step"].tolist() == list(range(1, 31)) and (gap["gap"] != 0).all()


def test_a_live_change_is_a_mark_and_a_drag_is_one():
    events = [{"step": s, "controls": {"lr_g": s / 1000}} for s in (10, 11, 12)]
    events += [{"step": 50, "controls": {"unroll": 5}}, {"step": 53, "controls": {"lr_d": 1e-3}}]
    assert marks(events, 200) == [[12, "generator's rate 0.012"], [53, "k 5, critic's rate 0.001"]]


def test_axes_move_in_round_jumps_only():
    axis = StepAxis()
    ends = [axis.show(step)[1] for step in range(0, 3000, 10)]
    assert len(set(ends)) < 12 and all(end >= step for end, step in zip(ends, range(0, 3000, 10), strict=True))
    values = ValueAxis(-2, 2)
    rng = np.random.default_rng(0)
    assert len({tuple(values.show(rng.normal(0, 0.5, 500))) for _ in range(50)}) <= 2
    curve = rng.normal(30, 1, 500)
    low, high = values.show(curve)
    assert low < np.quantile(curve, 0.005) and high > np.quantile(curve, 0.995) and high - low < 10


def test_the_colour_scale_follows_slowly_but_not_too_late():
    scale = ColourScale()
    assert scale.show(np.linspace(-1, 1, 100), 0) == pytest.approx(0.98, abs=0.02)
    assert scale.show(np.linspace(-2, 2, 100), 0) < 1.1
    assert scale.show(np.linspace(-50, 50, 100), 0) > 40


def test_round_up():
    assert [round_up(x) for x in (1, 1.2, 7, 81, 0.011)] == pytest.approx([1, 1.5, 8, 100, 0.015])
