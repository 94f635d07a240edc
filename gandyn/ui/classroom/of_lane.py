"""The class's run with the GAN of one person on the stage: frames of their own, of a run that others move."""

from __future__ import annotations

import logging
import math

from gandyn.live.broadcast import POLL, Broadcast
from gandyn.live.frame_builder import FrameBuilder

log = logging.getLogger(__name__)


class OfLane(Broadcast):
    """Shows what another broadcast moves, with another lane on the stage; by itself it moves nothing."""

    def __init__(self, of: Broadcast, lane: int) -> None:
        super().__init__(of.run, FrameBuilder(), playing=False)
        self._of = of
        self.program, self.lane, self.shared = of.program, lane, True

    def give_room(self, room: int) -> None:
        """The past is the other's."""

    def serve(self) -> float:
        """A frame, if one is wanted; seconds until it wants to be served again."""
        of = self._of
        self.program = of.program
        self.playing, self.speed, self.rate, self.notice = of.playing, of.speed, of.rate, of.notice
        self._look = of.sought
        self._commands.clear()
        if self.lane >= (self.run.lanes or 1):
            return math.inf
        try:
            return min(self._show(), POLL)
        except Exception:  # as of any broadcast: the server goes on
            log.exception("a frame of GAN %d", self.lane)
            return 1.0
