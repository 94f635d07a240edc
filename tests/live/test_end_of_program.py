"""A program ends while a run trains: without an abort, and without a word."""

import subprocess
import sys

PROGRAM = """
import time
import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.stepper import serve

class Viewer:
    present = staticmethod(lambda: True)
    layers = staticmethod(lambda: frozenset({"map", "arrows"}))

broadcasts = [Broadcast(gandyn.Run(gandyn.preset("collapse")), FrameBuilder()) for _ in range(3)]
for one in broadcasts:
    one.viewers.add(Viewer())
    one.on_frame = lambda one: one.want_frame()
    one.want_frame()
    serve(one)
while any(one.run.state.step < 20 for one in broadcasts):
    time.sleep(0.05)
"""


def test_a_program_ends_while_runs_train():
    for _ in range(3):
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True, timeout=120
        )
        assert (ended.returncode, ended.stderr) == (0, "")
