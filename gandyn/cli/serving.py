"""`gandyn serve`: the laboratory from one process, or from several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gandyn.ui.server.limits import Limits, set_limits
from gandyn.ui.server.listening import check_free, check_origins, check_prefix

MOST_PROCESSES = 64


def serve(
    port: int,
    address: str,
    bounds: Mapping[str, int],
    processes: int | None,
    *,
    show: bool,
    classroom: bool,
    key: str | None,
    **door: Any,
) -> int:
    """Serve until interrupted; `bounds`: the fields of Limits, `door`: who comes in, and under which names.

    ValueError and OSError with one line for what does not fit together, and for an address that cannot be had.
    """
    limits = Limits(**bounds)
    for name, given, low, high in (("port", port, 1, 65_535), ("processes", processes, 1, MOST_PROCESSES)):
        if given is not None and not low <= given <= high:
            raise ValueError(f"--{name} is a whole number in [{low}, {high}], not {given}")
    check_prefix(door["prefix"])
    check_origins(door["allow_websocket_origin"] or ())
    if classroom or key is not None:
        if (processes or 1) > 1:
            raise ValueError("a class is one process, whose run all pages see: leave out --processes")
        processes = 1
    check_free(address, port)
    from gandyn.ui.processes.launch import count_for, run_front
    from gandyn.ui.server.server import run_server

    if (count := processes or count_for(address, limits)) > 1:
        return run_front(count, port, address, limits, show=show, **door)
    set_limits(limits)
    return run_server(port, address, show=show, classroom=classroom, key=key, **door)
