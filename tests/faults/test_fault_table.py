"""Every test that the documents name is there, and every row of their tables of faults names one."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
NAMED = sorted({pair for text in DOCS.values() for pair in re.findall(r"(tests/[\w/]+\.py)::(test_\w+)", text)})
FILES = sorted({path for text in DOCS.values() for path in re.findall(r"tests/[\w/]+\.py", text)})
TABLES = {"reliability.md": "Faults", "security.md": "Before and after"}  # their last column names tests


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_exists(path, name):
    assert name in functions(ROOT / path)


def test_named_files_exist():
    assert len(FILES) > 20 and [path for path in FILES if not (ROOT / path).is_file()] == []


def test_a_bare_name_of_a_test_is_one():
    """A file's or a function's, without its path."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    known = {path.stem for path in files}.union(*map(functions, files))
    bare = {name for text in DOCS.values() for name in re.findall(r"\btest_\w+", re.sub(r"tests/[\w/]+", "", text))}
    assert bare <= known, bare - known


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_faults_names_its_test(name):
    section = DOCS[name].partition(f"\n## {TABLES[name]}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    assert [row[0] for row in rows if not re.search(r"`tests/[\w/]+\.py::test_\w+`", row[-1])] == []
