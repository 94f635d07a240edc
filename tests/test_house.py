"""What holds the house together: who may import whom, what a bare import loads, what is documented, what is pinned."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement

import gandyn

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# A room may import itself and the rooms to its left. The menu hands out what the rooms up to live make public; its door
# is gandyn/__init__.py, which loads it late. The cli stands beside ui, which it starts but which does not know it.
ROOMS = (
    "core", "targets", "probes", "diagnosis", "presets", "records", "timeline", "training", "sweep", "benchmarks",
    "live", "menu", "door", "ui", "cli", "apps",
)  # fmt: skip
SCREENS = {"panel", "bokeh", "holoviews", "panel_material_ui", "tornado"}
THREADS = {"threading", "_thread", "concurrent", "multiprocessing", "asyncio", "subprocess", "socket"}
TYPES_ONLY = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
CORE_MAY_IMPORT = (sys.stdlib_module_names | {"torch"}) - THREADS
# What is compiled, or may be: it works on arrays, and takes lanes in threads.
COMPILER = {"llvmlite", "numba", "numpy", "platformdirs", "threading", "concurrent"}
COMPILED_MAY_IMPORT = {
    "gandyn/core/native": COMPILER,
    "gandyn/core/cuda": {"triton"},
    "gandyn/core/rng": COMPILER | {"triton"},
    "gandyn/core/objectives": {"numpy"},
}
# Memory that a graph writes again belongs to one thread.
EXCEPTIONS = {("gandyn/core/cuda_graphs.py", "threading")}


class Import:
    """One imported module, by its full name, and where it is imported."""

    def __init__(self, module: str, line: int, late: bool) -> None:
        self.module = module
        self.line = line
        self.late = late  # inside a function or for the type checker only: not when the file itself is imported

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    @property
    def room(self) -> str | None:
        """The room of an import of ours; None for other people's packages and for the version, which has no room."""
        if self.package == "apps":
            return "apps"
        if self.package != "gandyn" or self.module == "gandyn.__version__":
            return None
        first = self.module.split(".")[1] if "." in self.module else "door"
        return first if first in ROOMS else "door"


def imports(path: Path, root: Path) -> Iterator[Import]:
    """Every import of a file: statements, relative ones resolved, and import_module("literal")."""

    def visit(node: ast.AST, late: bool) -> Iterator[Import]:
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, node.lineno, late)
            case ast.ImportFrom():
                package = path.relative_to(root).parent.parts
                base = package[: len(package) - node.level + 1] if node.level else ()
                module = ".".join([*base, *([node.module] if node.module else [])])
                # `from gandyn import live` imports gandyn.live, `from gandyn import Run` a name of the menu.
                for alias in node.names:
                    yield Import(f"{module}.{alias.name}", node.lineno, late)
            case ast.Call(func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"), args=[argument, *_]):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield Import(argument.value, node.lineno, late)
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            for_types = isinstance(node, ast.If) and ast.unparse(node.test) in TYPES_ONLY and child in node.body
            yield from visit(child, late or for_types)

    return visit(ast.parse(path.read_text(encoding="utf-8"), str(path)), False)


def room_of(path: Path, root: Path) -> str:
    """The room a file belongs to; an unknown one is its own name, which ROOMS does not hold."""
    top, *rest = path.relative_to(root).parts
    if top == "apps":
        return "apps"
    first = Path(rest[0]).stem
    return {"__init__": "door", "__main__": "cli"}.get(first, first)


def fault(room: str, imported: Import) -> str | None:
    """Why a file of `room` may not hold this import; None if it may."""
    if room == "door" and not imported.late and imported.package not in sys.stdlib_module_names:
        return "gandyn/__init__.py loads everything late"
    if room == "core" and imported.package != "gandyn" and imported.package not in CORE_MAY_IMPORT:
        return "core imports torch and the standard library without its threads and processes"
    if ROOMS.index(room) < ROOMS.index("ui") and imported.package in SCREENS:
        return "nothing before ui knows of a screen"
    if imported.room and ROOMS.index(imported.room) > ROOMS.index(room):
        return f"{imported.room} is to the right of {room}"
    return None


def violations(root: Path) -> list[str]:
    """Every import under `root`/gandyn and `root`/apps that breaks the order of the rooms, one line each."""
    violating = []
    for path in sorted([*root.glob("gandyn/**/*.py"), *root.glob("apps/**/*.py")]):
        where, room = path.relative_to(root), room_of(path, root)
        if room not in ROOMS:
            violating.append(f"{where}: {room} is no room")
            continue
        for imported in imports(path, root):
            compiled = COMPILED_MAY_IMPORT.get(where.parent.as_posix(), set())
            excepted = imported.package in compiled or (where.as_posix(), imported.package) in EXCEPTIONS
            if not excepted and (why := fault(room, imported)):
                violating.append(f"{where}:{imported.line}: {imported.module}: {why}")
    return violating


def test_every_import_goes_to_the_left():
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("file", "source", "allowed"),
    [
        ("gandyn/core/nets.py", "import torch.nn.functional as F\nfrom math import pi", True),
        ("gandyn/core/nets.py", "from .types import Net", True),
        ("gandyn/core/objectives/hinge.py", "from ..types import Objective\nfrom gandyn.core import types", True),
        ("gandyn/core/nets.py", "import numpy as np", False),
        ("gandyn/core/native/loops.py", "import numba\nfrom concurrent.futures import ThreadPoolExecutor", True),
        ("gandyn/core/native/loops.py", "import subprocess", False),
        ("gandyn/core/native/loops.py", "from gandyn.live import run", False),
        ("gandyn/core/rng/loops.py", "import numpy", True),
        ("gandyn/core/objectives/loops.py", "import numpy", True),
        ("gandyn/core/objectives/loops.py", "import numba", False),
        ("gandyn/core/numbas.py", "import numba", False),
        ("gandyn/core/nets.py", "from threading import Lock", False),
        ("gandyn/core/nets.py", "from gandyn.targets import ring", False),
        ("gandyn/core/nets.py", "from ..targets import ring", False),
        ("gandyn/core/objectives/hinge.py", "from ...live import run", False),
        ("gandyn/core/nets.py", "def late():\n    from gandyn import live", False),
        ("gandyn/core/nets.py", "import_module('gandyn.live.run')", False),
        ("gandyn/core/nets.py", "from gandyn import Run", False),
        ("gandyn/targets/ring.py", "import numpy\nfrom gandyn.core.types import Batch", True),
        ("gandyn/targets/ring.py", "from gandyn.probes import modes", False),
        ("gandyn/probes/modes.py", "from gandyn.targets import ring", True),
        ("gandyn/probes/modes.py", "import gandyn.presets", False),
        ("gandyn/presets/ring.py", "import gandyn.records.trace", False),
        ("gandyn/records/trace.py", "from gandyn.core.engine import play\nfrom gandyn import __version__", True),
        ("gandyn/records/trace.py", "from gandyn.live import Run", False),
        ("gandyn/records/trace.py", "from gandyn.live.run import Run", False),
        ("gandyn/live/run.py", "import threading\nfrom gandyn.records import trace", True),
        ("gandyn/live/run.py", "import panel as pn", False),
        ("gandyn/live/frame.py", "def late():\n    from bokeh.models import Model", False),
        ("gandyn/live/frame.py", "from holoviews.streams import Pipe", False),
        ("gandyn/live/run.py", "from gandyn.ui import app", False),
        ("gandyn/ui/app.py", "import panel\nimport gandyn\nfrom gandyn.live import run", True),
        ("gandyn/ui/app.py", "from gandyn.cli import main", False),
        ("gandyn/ui/app.py", "from apps import dynamics", False),
        ("gandyn/cli.py", "def serve():\n    from gandyn.ui import app", True),
        ("gandyn/menu.py", "from gandyn.core.objectives import OBJECTIVES\nfrom gandyn.live.run import Run", True),
        ("gandyn/menu.py", "from gandyn.ui import app", False),
        ("gandyn/records/trace.py", "from gandyn.menu import presets", False),
        ("gandyn/__init__.py", "from importlib import import_module", True),
        ("gandyn/__init__.py", "def __getattr__(name):\n    from gandyn.ui import app", False),
        ("gandyn/__init__.py", "def __getattr__(name):\n    from gandyn.core import types", True),
        ("gandyn/__init__.py", "if TYPE_CHECKING:\n    from gandyn.core import types", True),
        ("gandyn/__init__.py", "if TYPE_CHECKING:\n    pass\nelse:\n    from gandyn.core import types", False),
        ("gandyn/__init__.py", "from gandyn.core import types", False),
        ("gandyn/__init__.py", "from .live import Run", False),
        ("gandyn/__init__.py", "import torch", False),
        ("gandyn/helpers.py", "", False),
        ("apps/dynamics.py", "from gandyn.ui.app import page", True),
    ],
)
def test_a_wrong_import_is_found(tmp_path, file, source, allowed):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert (violations(tmp_path) == []) is allowed


@pytest.mark.parametrize("module", ["gandyn", "gandyn.cli"])
def test_a_bare_import_is_light(module):
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stdout.split())
    assert "gandyn" in loaded
    assert loaded & ({"torch", "numpy", "pandas", "param"} | SCREENS) == set()


KINDS = ["objectives", "penalties", "optimizers", "update_rules", "targets", "probes", "presets", "measures"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_is_documented(kind):
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    quoted = set(re.findall(r"`([^`\n]+)`", reference))
    names = set(getattr(gandyn, kind)())
    assert names, f"gandyn.{kind}() is empty"
    assert names - quoted == set()


def test_the_examples_of_contributing_run():
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    use = """
import gandyn
from gandyn.core.engine import play
from gandyn.ui.views.figures import figures

assert "gain" in figures()
experiment = gandyn.preset(
    "spiral-wgan-gp", objective="brier", penalty="drift", target="square", optimizer_g="nesterov",
    update_rule="midpoint",
)
state, metrics = next(play(experiment))
assert metrics.critic_loss.isfinite() and metrics.generator_loss.isfinite()
print(gandyn.probes()["spread"](experiment, state, gandyn.Rng(0))["spread"])
"""
    script = "\n".join([*examples, use])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0


def test_the_examples_of_contributing_pass_lint():
    """Whoever copies one passes `make check`: ruff wants a docstring of every module, class and function."""
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    bodies = [ast.parse(example) for example in examples]
    nodes = [node for body in bodies for node in ast.walk(body)]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    assert [ast.unparse(node) for node in nodes if isinstance(node, kinds) and not ast.get_docstring(node)] == []


def test_no_file_is_longer_than_300_lines():
    sources = {".py", ".ts", ".js", ".mjs", ".css", ".html"}
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*ROOT.glob("gandyn/**/*"), *ROOT.glob("web/src/**/*"), *ROOT.glob("web/test/*")]
        if path.suffix in sources
    }
    assert lengths
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_one_version():
    assert gandyn.__version__ == PROJECT["version"]


def test_every_requirement_is_pinned_within_its_range():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pins = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    extras = PROJECT["optional-dependencies"]
    for requirement in map(Requirement, [*PROJECT["dependencies"], *extras["test"], *extras["dev"]]):
        assert requirement.specifier.contains(pins[requirement.name]), requirement


def test_the_tests_use_one_torch_thread():
    assert torch.get_num_threads() == 1
