"""A run on its way to infinity: every frame of it is valid, whatever of the critic's map still is a number."""

import math

import pytest

import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from tests.live.test_frame import decode

WILD = {"optimizer_g": "sgd", "optimizer_d": "sgd", "lr_g": 100, "lr_d": 100}


@pytest.mark.parametrize("objective", ["wasserstein", "minimax", "relativistic", "least-squares"])
def test_a_map_that_no_colour_shows_is_left_out_at_every_step(objective):
    run = gandyn.Run(gandyn.preset("collapse").replace(objective=objective, batch_size=32, **WILD), measured=True)
    broadcast = Broadcast(run, FrameBuilder())
    for _ in range(9):
        header = decode(broadcast._make_frame(broadcast, frozenset({"map", "contours"})).encode(series=False))[0]
        for value in header.get("map", {}).values():
            assert isinstance(value, str) or (value is not None and math.isfinite(value))
        try:
            run.advance(1)
        except ArithmeticError:
            return
