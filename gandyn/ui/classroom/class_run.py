"""The run that a teacher steers: undo is the teacher's, and leaves to everybody what they gave the GAN they hold."""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from gandyn.core.lanes import by_lane
from gandyn.live.run import Run
from gandyn.timeline.changes import Change
from gandyn.timeline.timeline import Timeline
from gandyn.ui.session.put_aside import Scene
from gandyn.ui.session.session import Session, next_change


class ClassRun(Session):
    """An ordinary session, and the knob of which everybody holds a value, in a sweep."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.swept: str | None = None
        self._swept_in: WeakKeyDictionary[Run, str | None] = WeakKeyDictionary()  # of runs that undo may bring back

    def hold(self, values: list[float]) -> None:
        """Other values of the swept knob, given by those who hold them: undo does not take them back."""
        run, controls = self.runs[0], by_lane({str(self.swept): values})
        self._checked(run, controls)
        self._want(run, partial(run.timeline.change, False), controls)
        self._changed()

    def _return(self, timelines: list[Timeline], name: str) -> None:
        """As Session's; unless it is the teacher's own change of that knob, its values stay as they are held."""
        knob = self.swept
        staying = [one for one in timelines if knob and not _is_of(one, name, knob)]
        kept = [(one, one.experiment.knobs.numbers()[str(knob)]) for one in staying]
        super()._return(timelines, name)
        for timeline, values in kept:
            timeline.want(timeline.experiment.replace(**{str(knob): values}))

    def _bring_back(self, way: str) -> None:
        super()._bring_back(way)
        self.swept = self._swept_in.get(self.runs[0])

    def _scene(self) -> Scene:
        self._swept_in[self.runs[0]] = self.swept
        return super()._scene()


def _is_of(timeline: Timeline, way: str, knob: str) -> bool:
    """Whether undo, or redo, would lead over a change of this knob."""
    act = next_change(timeline, way)
    return isinstance(act, Change) and knob in act.names
