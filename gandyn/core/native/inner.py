"""The decorator of functions that compiled code alone calls."""

from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,  # no references are counted
    # without the wrappers by which Python and C would call them, which took a third of the time of a compilation
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
inner = njit(**OPTIONS)
