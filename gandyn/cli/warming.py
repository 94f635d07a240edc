"""gandyn warm: the compiler's cache is filled, so that no run waits for the compiler."""

from __future__ import annotations

import time
from typing import Any

from gandyn.cli.streams import say
from gandyn.core import native
from gandyn.records import strict_json as plain_json


def warm(*, float64: bool, json: bool) -> int:
    """Exit status; OSError with one line where nothing can be kept."""
    dtypes = ["float32", "float64"] if float64 else ["float32"]
    if not native.INSTALLED:
        reason = "numba is not installed, so nothing is compiled: perceptrons train on autograd"
        return _report({"folder": None, "kernels": [], "reason": reason}, reason, json=json)
    from gandyn.core.native.caching import unkept, writable_folder

    folder = writable_folder()
    missing = [dtype for dtype in dtypes if not native.is_cache_complete(dtype)]
    if missing:
        say("Compiling the training step, once on this machine: about a minute a floating point type.")
    rows = [row for dtype in missing for row in _fill(dtype)]
    if unkept:
        raise OSError(unkept[0])
    return _report({"folder": str(folder), "kernels": rows}, f"All compiled kernels are in {folder}.", json=json)


def _fill(dtype: str) -> list[dict[str, Any]]:
    import torch
    from numba.core.event import install_recorder

    from gandyn.core.rng import places

    kind = getattr(torch, dtype)
    jobs = {"random numbers": places.begin_preparing()}
    jobs |= {name: lambda rule=rule: native.prepare(rule, kind) for name, rule in native.kernels().items()}
    rows = []
    for i, (name, job) in enumerate(jobs.items(), 1):
        start = time.monotonic()
        with install_recorder("numba:compile") as compilations:
            job()
        seconds, compiled = time.monotonic() - start, bool(compilations.buffer)
        rows.append({"name": name, "dtype": dtype, "compiled": compiled, "seconds": round(seconds, 2)})
        say(f"{dtype} {i} of {len(jobs)}: {name}, {f'{seconds:.1f} s' if compiled else 'was there'}")
    native.mark_cache_complete(dtype)
    return rows


def _report(values: dict[str, Any], line: str, *, json: bool) -> int:
    if json:
        print(plain_json.dumps(values))
    say(line)
    return 0
