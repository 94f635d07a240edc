"""gandyn warm: what it compiles is there for the processes that come after; what it says where it cannot."""

import json
import os
import subprocess
import sys

import pytest

from gandyn.cli import main
from gandyn.core import native

needs_numba = pytest.mark.skipif(not native.INSTALLED, reason="needs numba")

STEPS = """
import sys
import torch
from numba.core.event import install_recorder
import gandyn
with install_recorder("numba:compile") as compilations:
    ahead = {"unroll": 5}
    for controls in ({}, ahead, ahead | {"unroll_order": "first"}, {"penalty": "dragan"}, {"objective": "hinge"}):
        run = gandyn.Run(gandyn.preset("collapse", **controls))
        assert run.trace()["engine"]["name"] == "native"
        run.advance(2)
print(len(compilations.buffer))
"""


def run(*command, cache, status=0):
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == status, done.stderr
    return done


@needs_numba
@pytest.mark.slow
def test_a_later_process_compiles_nothing(tmp_path):
    done = run("-m", "gandyn", "warm", "--json", cache=tmp_path)
    rows = json.loads(done.stdout)["kernels"]
    assert {row["name"] for row in rows} == {"random numbers", *native.kernels()}
    assert all(row["compiled"] for row in rows)
    assert done.stderr.count("\n") == len(rows) + 2
    assert run("-c", STEPS, cache=tmp_path).stdout == "0\n"
    again = run("-m", "gandyn", "warm", "--json", cache=tmp_path)
    assert json.loads(again.stdout)["kernels"] == [] and again.stderr.count("\n") == 1


def test_without_numba_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(native, "INSTALLED", False)
    assert main(["warm", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "numba is not installed" in json.loads(out)["reason"] and err.count("\n") == 1


@needs_numba
def test_where_nothing_can_be_kept_it_fails_with_one_line(tmp_path):
    (tmp_path / "file").touch()
    done = run("-m", "gandyn", "warm", cache=tmp_path / "file", status=1)
    assert done.stderr.count("\n") == 1 and "cannot be kept" in done.stderr


@needs_numba
def test_a_folder_that_cannot_be_written_costs_one_warning_and_compiled_code_works(tmp_path):
    (tmp_path / "file").touch()
    script = """
import numba
from gandyn.core.native.caching import cached
one = cached(numba.njit(lambda x: x + 1))
two = cached(numba.njit(lambda x: x + 2))
print(one(1) + two(1))
"""
    done = run("-c", script, cache=tmp_path / "file")
    assert done.stdout == "5\n"
    assert done.stderr.count("\n") == 1 and "cannot be kept" in done.stderr
