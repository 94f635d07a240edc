"""Compiled code belongs to its source text; without a compiler everything runs in autograd, with the same numbers."""

import importlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from gandyn.core import native
from gandyn.core.native import old_folders

needs_numba = pytest.mark.skipif(not native.INSTALLED, reason="needs numba")
ROOT = Path(__file__).parents[2]
OBJECTIVE = """
def losses(real, fake):
    return real[0] + {}, fake[0] + 0.0
"""
EDIT = """
from pathlib import Path
from gandyn.core.native import caching
print(caching.__file__, caching.cache_folder(), sep="\\n")
for name in ("native/kernel.py", "native/activations.py", "rng/compiled.py"):
    path = Path("gandyn/core") / name
    path.write_text(path.read_text() + "#")
    caching.cache_folder.cache_clear()
    print(caching.cache_folder())
"""
WITHOUT = """
import logging, sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
import gandyn
from gandyn.core.engine import resolve
from gandyn.core.rng import arrays
from gandyn.core.rng.places import host
from gandyn.core import native

logging.basicConfig(format="%(message)s")
assert host() is arrays and not native.INSTALLED
experiment = gandyn.preset("collapse", batch_size=8, seed=5, unroll=2)
assert resolve(experiment) == "autograd"
for _ in range(2):
    run = gandyn.Run(experiment)
    run.advance(4)
try:
    gandyn.Run(experiment.replace(engine="native")).advance(1)
except ValueError as error:
    assert "numba is not installed" in str(error), error
else:
    raise AssertionError("engine=native ran")
print(float(run.state.g.double().sum()), run.trace()["engine"]["name"])
"""


def run(script: str, *paths: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    everything = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))} | environment
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=everything, cwd=paths[0], check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@needs_numba
def test_an_edited_kernel_has_a_folder_of_its_own(tmp_path):
    from gandyn.core.native import caching

    shutil.copytree(ROOT / "gandyn", tmp_path / "gandyn", ignore=shutil.ignore_patterns("__pycache__"))
    file, *folders = run(EDIT, tmp_path).stdout.splitlines()
    assert Path(file).is_relative_to(tmp_path)
    assert folders[0] == str(caching.cache_folder()), "the same text has the same compiled code"
    assert len(folders) == len(set(folders)) == 4


def test_compiled_code_that_rests_for_long_is_removed(tmp_path):
    def folder(name: str, days: float) -> Path:
        path = tmp_path / name
        path.mkdir()
        (path / "kernel.nbc").touch()
        os.utime(path, (time.time() - days * 86_400,) * 2)
        return path

    long_ago, used_by_another, lately = folder("kernels-a", 31), folder("kernels-b", 0), folder("kernels-c", 29)
    other = folder("elsewhere", 40)
    hold = "import sys; from pathlib import Path; from gandyn.core.native import old_folders; "
    hold += f"old_folders.use(Path({str(used_by_another)!r})); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        assert not long_ago.exists(), "the first who uses one removes it"
        os.utime(used_by_another, (0, 0))
        old_folders.use(ours := folder("kernels-d", 40))
        assert all(path.exists() for path in (used_by_another, lately, ours, other))
        assert time.time() - ours.stat().st_mtime < 60
        process.communicate()
    old_folders.use(ours)
    assert not used_by_another.exists() and lately.exists()


@needs_numba
def test_an_edited_objective_is_compiled_anew(tmp_path, monkeypatch):
    import numba

    from gandyn.core.native import caching
    from gandyn.core.native.compiling import _part

    folder, answers = tmp_path / "cache", []
    folder.mkdir()
    monkeypatch.setattr(caching, "cache_folder", lambda: folder)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for text in ("1.0", "2.0"):
        (tmp_path / "added_objective.py").write_text(OBJECTIVE.format(text))
        importlib.invalidate_caches()
        part = _part(importlib.import_module("added_objective").losses, "losses", "float64")
        monkeypatch.delitem(sys.modules, "added_objective")
        call = numba.njit(lambda real, fake, part=part: part(real, fake)[0])
        answers.append((call(np.zeros(1), np.zeros(1)), sum(part.stats.cache_hits.values())))
    assert answers == [(1.0, 0), (2.0, 0)], "compiled, not taken from the cache"


def twice(x):
    return 2 * x


@pytest.fixture
def cached_twice(tmp_path, monkeypatch):
    """`twice` as every process has it that begins now: (compiled, how many were in the cache) for one type."""
    import numba

    from gandyn.core.native import caching

    monkeypatch.setattr(caching, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(caching, "unkept", [])

    def compiled(kind: str):
        function = caching.cached(numba.njit(twice))
        function.compile((getattr(numba, kind),))
        return function, sum(function.stats.cache_hits.values())

    return compiled


@needs_numba
@pytest.mark.parametrize("damage", [b"", b"no code", None])
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_what_is_damaged_in_the_cache_is_compiled_anew(cached_twice, tmp_path, caplog, suffix, damage):
    cached_twice("int64")
    assert cached_twice("int64")[1] == 1
    (path,) = tmp_path.rglob(f"*.{suffix}")
    path.write_bytes(path.read_bytes()[:50] if damage is None else damage)
    function, hits = cached_twice("int64")
    assert (function(21), hits) == (42, 0) and "was damaged" in caplog.text
    assert cached_twice("int64")[1] == 1, "and kept"


@needs_numba
def test_a_full_disk_stops_no_run(cached_twice, tmp_path, monkeypatch, caplog):
    from gandyn.core.native import caching

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(caching.FunctionCache, "save_overload", full)
        assert cached_twice("int64")[0](21) == 42
        assert "No space left on device" in caplog.text
        native.mark_cache_complete("float32")
    assert not native.is_cache_complete("float32") and cached_twice("int64")[1] == 0


@needs_numba
@pytest.mark.skipif(old_folders.fcntl is None, reason="no locks of files here")
def test_two_processes_that_compile_at_once_keep_what_both_have_compiled(cached_twice, monkeypatch):
    from numba.core.caching import IndexDataCacheFile

    save_index = IndexDataCacheFile._save_index

    def slowly(self, overloads):
        time.sleep(0.3)
        save_index(self, overloads)

    monkeypatch.setattr(IndexDataCacheFile, "_save_index", slowly)
    functions = [cached_twice(kind)[0] for kind in ("int64", "float64")]
    for function in functions:
        function._cache.flush()
    each = [(function._cache, *next(iter(function.overloads.items()))) for function in functions]
    threads = [Thread(target=cache.save_overload, args=(types, compiled)) for cache, types, compiled in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [cached_twice(kind)[1] for kind in ("int64", "float64")] == [1, 1]


def test_without_a_compiler():
    import gandyn

    done = run(WITHOUT, ROOT)
    total, engine = done.stdout.split()
    run_here = gandyn.Run(gandyn.preset("collapse", batch_size=8, seed=5, unroll=2, engine="autograd"))
    run_here.advance(4)
    assert done.stderr.count("numba is not installed: random numbers come from NumPy, and steps") == 1, done.stderr
    assert engine == "autograd" and float(total) == float(run_here.state.g.double().sum())
