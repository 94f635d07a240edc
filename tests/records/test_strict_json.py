"""What is printed and written is JSON, whatever the numbers are."""

import ast
import json
import math
from pathlib import Path

import numpy as np
import pytest

from gandyn.records import strict_json

PACKAGE = Path(__file__).parents[2] / "gandyn"


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def test_what_is_not_finite_is_null_at_any_depth():
    value = {
        "a": math.inf, "b": [1.5, -math.inf, {"c": (math.nan, 2)}], "d": np.float64("nan"), "e": 3, "f": None,
        "g": "NaN",
    }  # fmt: skip
    text = strict_json.dumps(value)
    assert json.loads(text, parse_constant=no_constant) == {
        "a": None, "b": [1.5, None, {"c": [None, 2]}], "d": None, "e": 3, "f": None, "g": "NaN",
    }  # fmt: skip


def test_all_else_is_as_the_standard_library_writes_it():
    value = {"z": [1e-300, 0.1, -0.0, True], "a": {"é": [], "b": {}}, "c": 2**60}
    for layout in ({}, {"indent": 1}, {"sort_keys": True}):
        assert strict_json.dumps(value, **layout) == json.dumps(value, **layout)
    assert strict_json.loads(strict_json.dumps(value)) == value
    with pytest.raises(TypeError):
        strict_json.dumps({"a": object()})


def test_the_package_writes_no_other_json():
    """Every call of json.dumps outside says allow_nan=False, which refuses instead."""
    loose = []
    for path in PACKAGE.glob("**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        for node in ast.walk(tree) if "json" in imported else ():
            writes = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if writes and node.func.attr in ("dumps", "dump"):
                strict = any(word.arg == "allow_nan" for word in node.keywords)
                loose += [] if strict else [f"{path.relative_to(PACKAGE)}:{node.lineno}"]
    assert loose == []
