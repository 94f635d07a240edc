"""Which weights of penalties a page shows: the common one of a single penalty, else one for each that is chosen."""

from __future__ import annotations

from typing import Any

from gandyn.core.controls import Control, controls
from gandyn.core.experiment import Experiment
from gandyn.core.penalty_set import members, weight_of
from gandyn.core.types import OWN_WEIGHT


def page_controls(experiment: Experiment) -> tuple[dict[str, Control], dict[str, Any]]:
    """The controls of an experiment and their values by name, as they stand in the page.

    Of several penalties each has its weight in force, whether it is its own or `penalty_weight`, which is not shown
    then; a weight that is kept for a penalty that is not chosen is not shown either.
    """
    chosen = members(experiment.rule.penalty)
    weighted = [one for one in chosen if "penalty_weight" in one.knobs]
    apart = len(weighted) > 1 or any(one.name in dict(experiment.knobs.weights) for one in weighted)
    rows = [one for one in chosen if one.numbered and (apart or one.amount)]
    weights = {OWN_WEIGHT + one.name: weight_of(one, experiment.knobs) for one in rows}
    known = controls(*experiment.parts, weights=[name.removeprefix(OWN_WEIGHT) for name in weights])
    if apart:
        del known["penalty_weight"]
    return known, {name: value for name, value in (experiment.values() | weights).items() if name in known}
