"""What this server has on the air, by the unguessable id under which pages find it, and what has just left it."""

from __future__ import annotations

import time
from collections.abc import Callable

from tornado.ioloop import PeriodicCallback

from gandyn.core.bounds import MEGABYTE
from gandyn.live.broadcast import Broadcast
from gandyn.live.pulse import BEAT, PULSE
from gandyn.timeline.kept import BUDGET
from gandyn.ui.server.limits import limits
from gandyn.ui.server.memory import give_back

ON_AIR: dict[str, Broadcast] = {}
KEPT = 120.0  # seconds after its page has gone that a reloaded one may go on with its runs
MOST = 8  # of them
WATCHED: dict[str, Broadcast] = {}  # by ids that let the frames be watched, and nothing else
ON_CHANGE: list[Callable[[], None]] = []  # called when a page's runs have joined or left
_left: dict[str, tuple[Broadcast, float]] = {}
_beats: list[PeriodicCallback | None] = [None]  # while anything is on the air


def sessions() -> int:
    """The pages that are open: each with runs of its own is one, and each that looks on at a class, or holds a GAN of
    its sweep. The class's own run and the teacher's pages are none.
    """
    return sum(not broadcast.shared for broadcast in ON_AIR.values()) + len(WATCHED)


def join(broadcast: Broadcast) -> None:
    """On the air: found from now on."""
    ON_AIR[broadcast.id] = broadcast
    _beats[0] = _beats[0] or _begin_to_beat()
    _share_room()
    _say_change()


def leave(broadcast: Broadcast) -> None:
    """Its page is gone: off the air, and kept for a while."""
    if ON_AIR.pop(broadcast.id, None) is not None:
        _left[broadcast.id] = broadcast, time.monotonic()
    forget()
    _share_room()
    if not ON_AIR and (beats := _beats[0]) is not None:
        _beats[0] = None
        beats.stop()
        PULSE.stop()
    _say_change()


def _begin_to_beat() -> PeriodicCallback:
    PULSE.beat()
    beats = PeriodicCallback(PULSE.beat, 1000 * BEAT)
    beats.start()
    return beats


def _share_room() -> None:
    for broadcast in ON_AIR.values():
        broadcast.give_room(min(BUDGET, limits().max_past * MEGABYTE // len(ON_AIR)))


def _say_change() -> None:
    for listener in ON_CHANGE:
        listener()


def forget() -> None:
    """Let go of what left too long ago, and of the oldest of too many."""
    now, newest = time.monotonic(), list(_left)[-MOST:]
    old = [name for name, (_, when) in _left.items() if name not in newest or now - when >= KEPT]
    for name in old:
        del _left[name]
    if old:
        give_back()


def find(name: str) -> Broadcast | None:
    """What is on the air under this id, or has left it a short while ago; that is handed over once."""
    forget()
    return ON_AIR.get(name) or _left.pop(name, (None,))[0]
