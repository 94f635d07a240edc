"""Whoever waits for the compiler is told so, once, and nobody else."""

import importlib.util

import pytest

from gandyn.records.compilation import first_compilation

SOURCE = """
from numba import njit
@njit(cache=True)
def twice(x):
    return 2 * x
"""


def test_one_line_where_something_is_compiled_and_none_where_it_is_loaded(tmp_path):
    pytest.importorskip("numba")
    (tmp_path / "kernel.py").write_text(SOURCE)
    calls = []
    for begun in (1, 1):  # the second time from the cache
        spec = importlib.util.spec_from_file_location("kernel", tmp_path / "kernel.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with first_compilation(lambda: calls.append("told")):
            assert (module.twice(2), module.twice(0.5)) == (4, 1.0), "two compilations"
        assert len(calls) == begun
    module.twice(1j)
    assert len(calls) == 1, "nothing is said any more"
