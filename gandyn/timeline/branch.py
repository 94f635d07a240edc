"""Another timeline with the same past: where a comparison begins, and one GAN of many goes on alone."""

from __future__ import annotations

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import lane as lane_of
from gandyn.core.lanes import select_lane
from gandyn.core.types import Metrics, State
from gandyn.timeline.kept import Moment, kept_until
from gandyn.timeline.timeline import Timeline


def branched(timeline: Timeline, lane: int | None = None) -> Timeline:
    """A timeline of its own that stands where this one does, under the same controls and with the same way there.

    With `lane`, of a timeline of many GANs: of that one alone, under its own seed. Series, readings and kept states up
    to this step are copied, later ones and other branches are not. Blocks while a call of the engine is in work.
    """

    def experiment(whole: Experiment) -> Experiment:
        return whole if lane is None else select_lane(whole, timeline.state, lane)[0]

    def state(whole: State) -> State:
        return whole if lane is None else lane_of(whole, lane)

    def moment(whole: Moment) -> Moment:
        metrics = whole.metrics
        if lane is not None and metrics is not None:
            metrics = Metrics(*(value[lane] for value in metrics))
        return Moment(state(whole.state), metrics)

    with timeline.standing_still():
        old, walker, now = timeline.line, timeline.walker, timeline.step
        first = timeline.state if timeline.begins else timeline.start
        new = Timeline(
            experiment(timeline.lines[0].first),
            dtype=walker.dtype,
            state=None if first is None else state(first),
            lanes=walker.lanes if lane is None else None,
            seeds=walker.seeds if lane is None else [walker.seeds[lane]],
            engine=walker.engine,
            budget=timeline.kept.budget,
            call=walker.call,
            begins=timeline.begins,
            measured=timeline.measured,
        )
        line, chosen = new.lines[0], slice(None) if lane is None else lane
        while line.stop < now:
            line.note(experiment(old.at(line.stop)))
            line.stop += min(old.until(line.stop), now - line.stop)
        line.tip = experiment(timeline.experiment)
        steps, rows = timeline.history()
        line.series.load(steps, rows[..., chosen] if walker.lanes else rows)
        at, values = timeline.readings()
        line.readings.load(at, values if lane is None else values[..., lane : lane + 1])
        for _, one in kept_until(old, now):
            new.kept.keep(line, moment(one))
        new.stand_at(*moment(timeline.moment))
        return new
