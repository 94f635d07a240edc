"""The decorator of functions that compiled code alone calls."""

from numba import njit

# Without the wrappers by which Python and C would call them: these took a third of the time of a compilation.
inner = njit(nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
