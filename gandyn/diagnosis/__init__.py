"""What is going on in a run, in words: each file registers signs of one kind, judged from measures by declared bounds.

A sign says nothing rather than something wrong: its bounds were set on other seeds than those that test it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.registry import Registry

ABOUT = ("samples", "players")  # in the order in which they are told, one sign of each at most
RECENT = 0.25  # of the steps so far: what "moving" and "from" look back to


class Evidence(NamedTuple):
    """What is known of one GAN at one step."""

    experiment: Experiment
    step: int
    #: of its samples now, as gandyn.measure gives them, `sw2_floor`, and `effective_modes` where there are modes
    measures: Mapping[str, float | int | None]
    shares: np.ndarray  # [K] of its samples, those near any mode by the nearest; empty where there are no modes
    at: np.ndarray  # [n] the steps of its readings so far, in order
    #: readings [n] by name, NaN where there is none: covered, hq, top_mode, top_share, sw2, f, and SIGNALS
    past: Mapping[str, np.ndarray]
    outside: float = 0.0  # share of its samples beyond the stage
    reached: float | None = None  # how much of the data they reach, by probes.reached, where there are no modes
    changed: Mapping[str, int] = MappingProxyType({})  # the step after which a live control was last changed, by name

    def known(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(steps, values) of a reading, where there is one, since the target was last changed."""
        values = self.past.get(name)
        if values is None:
            return self.at[:0], np.empty(0)
        there = np.isfinite(values) & (self.at > self.changed_at("target"))
        return self.at[there], values[there]

    def recent(self, name: str, part: float = RECENT) -> tuple[np.ndarray, np.ndarray]:
        """Those of the last `part` of the steps so far."""
        steps, values = self.known(name)
        late = steps >= (1 - part) * self.step
        return steps[late], values[late]

    def under(self, name: str, *controls: str) -> np.ndarray:
        """The values of a reading since the last change of these controls and of their parameters (NAME.PARAMETER)."""
        steps, values = self.known(name)
        return values[steps > self.changed_at(*controls)]

    def changed_at(self, *controls: str) -> int:
        """The step after which one of these controls, or of their parameters, was last changed; -1 for never."""
        steps = (step for control, step in self.changed.items() if control.partition(".")[0] in controls)
        return max(steps, default=-1)


class Sign(NamedTuple):
    """One thing that may be going on: what it says of the evidence, or None, and the view that shows it."""

    name: str
    about: str  # one of ABOUT: what it is a finding of
    says: Callable[[Evidence], str | None]  # a sentence with its reason in numbers
    view: str  # name of the view


class Finding(NamedTuple):
    """What a sign says."""

    name: str
    about: str
    text: str
    view: str


SIGNS: Registry[Sign] = Registry("sign", __name__)


def diagnose(evidence: Evidence) -> list[Finding]:
    """The most important sign of the samples, then that of the players, as far as there are any.

    Importance is the rank in the registry. Nothing where nothing was measured; at step 0 that nothing is trained yet.
    """
    if not evidence.measures and not evidence.past:
        return []
    if evidence.step == 0:
        return [
            Finding("untrained", "samples", "Not trained yet: these are samples of the initial generator.", "stage")
        ]
    findings = []
    for about in ABOUT:
        for sign in SIGNS.values():
            if sign.about == about and (text := sign.says(evidence)):
                findings.append(Finding(sign.name, about, text, sign.view))
                break
    return findings


def in_words(findings: list[Finding]) -> str:
    """The findings as one line."""
    return " ".join(finding.text for finding in findings)
