"""What a run has come to at its last state: its measures, whether it diverged, and what is going on, in words."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.diagnosis import diagnose, in_words
from gandyn.diagnosis.moment import evidence
from gandyn.probes.divergence import PLAYERS, divergence
from gandyn.probes.inputs import generate
from gandyn.probes.signals import SIGNALS
from gandyn.records.log import rows_with
from gandyn.records.measured import all_measured, to_measure

ADVICE = "begin it anew with smaller rates, --set lr_g=... lr_d=..."
SAMPLES = 1000  # that are looked at for divergence
MEASURED = SIGNALS[0]  # what a row of metrics.jsonl has where it was measured

log = logging.getLogger(__name__)


def judgement(now: Experiment, state: State, last: Mapping[str, Any], metrics: Path) -> dict[str, Any]:
    """{measures, diverged, diagnosis} of the summary, at a state of one GAN.

    `last`: the last row of `metrics`, the file metrics.jsonl with all that was read on the way. Warns of divergence.
    """
    losses = {name: math.nan if value is None else value for name, value in last.items() if name in PLAYERS}
    diverged = divergence(now.target, generate(now, state, SAMPLES, Rng(now.seed)), losses)
    if diverged is not None:
        log.warning("diverged by step %s: %s; %s", f"{state.step:,}", diverged, ADVICE)
        return {"measures": {}, "diverged": diverged, "diagnosis": ""}
    signs = diagnose(evidence(now, state, rows_with(metrics, MEASURED)))
    return {
        "measures": all_measured(now.target, to_measure(now, state)),
        "diverged": None,
        "diagnosis": in_words(signs),
    }
