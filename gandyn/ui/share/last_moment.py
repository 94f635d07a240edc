"""The last moment of a page, which its tab keeps: should the server lose the run, the page goes on from there."""

from __future__ import annotations

from typing import Any

from gandyn.timeline import moment
from gandyn.ui.share.saved import without_branches

KEPT = 100_000  # characters of a moment that a page keeps
AHEAD = 20_000  # steps that a page may have painted since


def kept(trace: dict[str, Any]) -> str:
    """The moment for the page to keep, without branches where it would be long with them; nothing: too long without.

    One with own data of many points is not tried: it would cost more than it is worth every few seconds.
    """
    held = sum(len(value) for value in trace["config"]["controls"].values() if isinstance(value, (str, list, tuple)))
    if held > KEPT:
        return ""
    texts = (moment.encode(one) for one in (trace, without_branches(trace)))
    return next((text for text in texts if len(text) <= KEPT), "")


def up_to(trace: dict[str, Any], step: int) -> dict[str, Any]:
    """The trace on to the step that was painted last, a little after the moment that was kept: under its controls."""
    stop = trace.get("stop")
    ahead = isinstance(stop, int) and "beside" not in trace and "lines" not in trace and 0 < step - stop <= AHEAD
    return {name: one for name, one in trace.items() if name != "sha256"} | {"stop": step} if ahead else trace
