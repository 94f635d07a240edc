"""The class's run with the GAN of one person on the stage: frames of their own, of a run that others move."""

from __future__ import annotations

import logging
import math

from gandyn.live.broadcast import POLL, Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.track import Program, Track

log = logging.getLogger(__name__)


class OfLane(Broadcast):
    """Shows what another broadcast moves, with another lane on the stage; by itself it moves nothing."""

    def __init__(self, of: Broadcast, lane: int) -> None:
        super().__init__(of.run, FrameBuilder(), playing=False)
        self._of = of
        self.lane, self.shared = lane, True
        self._follow()

    def give_room(self, room: int) -> None:
        """The past is the other's."""

    def _follow(self) -> None:
        """The other's runs, with views of choice of its own: they are of another GAN."""
        stamp, its = self._of.program
        mine = {track.run: track for track in self.program.tracks}
        self.program = Program(stamp, tuple(mine.get(track.run) or Track(track.run) for track in its))
        for own, other in zip(self.program.tracks, its, strict=True):
            own.stopped = other.stopped

    def serve(self) -> float:
        """A frame, if one is wanted; seconds until it wants to be served again."""
        of = self._of
        self._follow()
        self.playing, self.speed, self.rate, self.notice = of.playing, of.speed, of.rate, of.notice
        self._look, self.chosen = of.sought, of.chosen
        self._commands.clear()
        if self.lane >= (self.run.lanes or 1):
            return math.inf
        try:
            return min(self._show(), POLL)
        except Exception:  # as of any broadcast: the server goes on
            log.exception("a frame of GAN %d", self.lane)
            return 1.0
