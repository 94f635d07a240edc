"""Who is served next: everybody in turn, and between two of them those for whom somebody waits."""

import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.stepper import in_turn
from tests.live.test_run import small
from tests.live.test_stepper import Someone


def broadcasts(count: int) -> list[Broadcast]:
    return [Broadcast(gandyn.Run(small()), FrameBuilder(), playing=False) for _ in range(count)]


def served(listed: list[Broadcast], hurry: dict[int, int]) -> list[int]:
    """The order in which they are served; after turn number t somebody asks something of broadcast hurry[t]."""
    order = []
    for broadcast in in_turn(listed):
        broadcast.hurried = False
        order.append(listed.index(broadcast))
        if (next_one := hurry.get(len(order))) is not None:
            listed[next_one].play(False)
    return order


def test_everybody_has_a_turn_and_who_waits_has_the_next():
    listed = broadcasts(5)
    assert served(listed, {}) == [0, 1, 2, 3, 4]
    assert served(listed, {1: 4}) == [0, 4, 1, 2, 3, 4]
    assert served(listed, {2: 0}) == [0, 1, 0, 2, 3, 4], "once"
    assert served(listed, {2: 2}) == [0, 1, 2, 3, 4], "whose turn it is anyway has no second one"


def test_a_change_is_shown_before_frames_are_due():
    (broadcast,) = broadcasts(1)
    broadcast.viewers.add(Someone())
    broadcast.frame_rate.neighbours, broadcast.frame_rate._seconds = 30, 1.0
    broadcast.want_frame()
    broadcast.serve()
    first, _ = broadcast.frames.get()
    broadcast.want_frame()
    broadcast.run.set(lr_d=0.01)
    broadcast._last_frame -= 0.5
    broadcast.serve()
    assert broadcast.frames.get()[0] == first, "the next is due in a minute"
    broadcast.hurry()
    assert broadcast.hurried
    broadcast.serve()
    assert broadcast.frames.get()[0] == first + 1
