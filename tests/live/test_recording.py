"""The past as frames: those of the stream, byte by byte, at each of its steps."""

import json
import struct

import numpy as np
import pytest

import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.movie import movie
from gandyn.live.recording import RECORDED_LAYERS, copied, moments, record
from tests.live.test_run import same, small
from tests.live.test_stepper import Someone

OF_THE_MOMENT = {"id", "stamp", "time", "playing", "rate", "series", "columns"}  # not of the state
OF_THE_VIEWER = {"map", "past"}  # a colour scale follows slowly; what is kept of the past depends on who looked


def opened(message: bytes) -> tuple[dict, dict[tuple, bytes]]:
    """(header, the bytes of each column), by the letter of gandyn/live/frame.py."""
    (size,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + size])
    widths, columns = {"f4": 4, "u1": 1, "i4": 4}, {}
    for run, source, name, kind, shape, offset, scale, shift in header["columns"]:
        start = 4 + size + offset
        data = message[start : start + widths[kind] * int(np.prod(shape))]
        columns[run, source, name] = (data, tuple(shape), scale, shift)
    return header, columns


def said(header: dict) -> list[dict]:
    return [{key: value for key, value in part.items() if key not in OF_THE_VIEWER} for part in header["parts"]]


def lived(run: gandyn.Run, steps: int, changes: dict[int, dict]) -> dict[int, bytes]:
    """The frames that a viewer is sent while the run goes on step by step, changed at these steps, with all series."""
    broadcast = Broadcast(run, FrameBuilder(), playing=False)
    broadcast.viewers.add(Someone(RECORDED_LAYERS))
    frames = {}
    for step in range(steps + 1):
        if step:
            run.advance(1)
        if step in changes:
            run.set(**changes[step])
        broadcast.want_frame()
        broadcast._last_frame = 0.0
        broadcast.serve()
        frames[step] = broadcast.frames.get()[1].encode(series=True)
    return frames


def test_recorded_frames_are_those_of_the_stream_byte_by_byte():
    run = gandyn.Run(small(), measured=True)
    live = lived(run, 40, {10: {"unroll": 1}, 20: {"target.radius": 2.5}, 30: {"lr_d": 2e-3}})
    state = run.state
    recording = record(copied([run]), 40, lambda done, of: None, most=15)
    assert run.state is state, "the run itself is not moved"
    assert recording.steps == moments(0, 40, 15) and recording.steps[0] == 0 and recording.steps[-1] == 40
    whole = []
    for step, message in zip(recording.steps, recording.frames, strict=True):
        header, columns = opened(message)
        live_header, live_columns = opened(live[step])
        assert header["parts"][0]["step"] == step
        whole += [step] if header["series"] else []
        assert header.keys() >= OF_THE_MOMENT
        assert said(header) == said(live_header), step
        for place, column in columns.items():
            if place[1] != "film":  # its pictures are of the states that are kept
                assert column == live_columns[place], (step, place)
        if not header["series"]:
            assert {place[1] for place in columns} == {
                "generated", "circles", "shares", "critic", "contours", "midline", "arrows", "latest",
            }  # fmt: skip
    assert whole[0] == 0 and whole[-1] == 40 and len(whole) == 3, "and where the target has changed"


def test_of_a_comparison_each_run_is_a_part():
    runs = [gandyn.Run(small(), measured=True), gandyn.Run(small(unroll=1), measured=True)]
    runs[0].advance(12)
    runs[1].advance(8)  # it stopped
    recording = record(copied(runs), 12, lambda done, of: None)
    assert recording.steps == list(range(13))
    steps = [[part["step"] for part in opened(frame)[0]["parts"]] for frame in recording.frames]
    assert steps == [[step, min(step, 8)] for step in range(13)]
    assert opened(recording.frames[3])[0]["parts"][1]["differs"] == "k 1"


def test_a_recording_can_be_ended_at_any_moment():
    run = gandyn.Run(small(), measured=True)
    run.advance(50)

    class Enough(Exception):
        pass

    def progress(done: int, of: int) -> None:
        assert of == 51
        if done == 7:
            raise Enough

    with pytest.raises(Enough):
        record(copied([run]), 50, progress)


def test_copies_stand_where_the_runs_do_and_keep_their_ids():
    run = gandyn.Run(small(), measured=True)
    run.advance(30)
    (copy,) = copied([run])
    assert same(copy.state, run.state) and copy.timeline.id == run.timeline.id and copy is not run


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_a_movie_shows_every_moment_of_every_run_and_rests_on_the_last(suffix, tmp_path):
    from PIL import Image

    runs = [gandyn.Run(small(), measured=True), gandyn.Run(small(lr_g=0.01), measured=True)]
    for run in runs:
        run.advance(9)
    seen = []
    content = movie(copied(runs), 9, lambda done, of: seen.append((done, of)), suffix, labels=["A: x", "B: y"])
    path = tmp_path / f"movie{suffix}"
    path.write_bytes(content)
    with Image.open(path) as film:
        assert film.n_frames == 10 and film.size == (960, 480 + 18)
        pictures = []
        for i in range(10):
            film.seek(i)
            pictures.append(np.asarray(film.convert("RGB")).astype(int))
    assert seen == sorted(seen) and {of for _, of in seen} == {20}, "ten are drawn, then ten encoded"
    assert {done for done, _ in seen} >= set(range(20))
    assert all(np.abs(a - b).max() > 50 for a, b in zip(pictures, pictures[1:], strict=False)), "the dots move"
    half = pictures[-1].shape[1] // 2
    assert np.abs(pictures[-1][18:, :half] - pictures[-1][18:, half:]).max() > 50, "each has its own"


def test_a_target_that_changes_is_drawn_as_it_was():
    from io import BytesIO

    from PIL import Image

    run = gandyn.Run(small(), measured=True)
    run.advance(4)
    run.set(**{"target.radius": 0.6})
    run.advance(4)
    with Image.open(BytesIO(movie(copied([run]), 8, lambda done, of: None, ".webp"))) as film:
        blue = []
        for i in (1, 7):
            film.seek(i)
            pixels = np.asarray(film.convert("RGB")).astype(int)
            blue.append(np.argwhere((pixels[..., 2] > 150) & (pixels[..., 0] < 60))[:, 1].std())
    assert blue[1] < 0.6 * blue[0]
