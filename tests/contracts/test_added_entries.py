"""An entry of every registry in a file of its own leaves the contracts green, with a compiled form and without."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# CONTRIBUTING's examples have no compiled form; this one has, and is no combination of the entries that there are.
WITH_VECTORS = '''
from torch import Tensor

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, VectorForm


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E (d_r - 1)^4 / 4 + E (d_f + 1)^2 / 2."""
    return ((real - 1) ** 4 / 4).mean(-1) + ((fake + 1) ** 2 / 2).mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E tanh d_f."""
    return -fake.tanh().mean(-1)


def losses(real, fake):
    critic, generator = 0.0, 0.0
    for i in range(len(real)):
        critic += (real[i] - 1) ** 4 / 4 + (fake[i] + 1) ** 2 / 2
        generator -= functions.tanh(fake[i])
    return critic / len(real), generator / len(real)


def critic_cotangents(real, fake, real_out, fake_out):
    for i in range(len(real)):
        real_out[i] = (real[i] - 1) ** 3 / len(real)
        fake_out[i] = (fake[i] + 1) / len(real)


def generator_cotangents(real, fake, real_out, fake_out):
    for i in range(len(real)):
        real_out[i] = 0
        fake_out[i] = -(1 - functions.tanh(fake[i]) ** 2) / len(real)


def critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out):
    for i in range(len(real)):
        real_out[i] = 3 * (real[i] - 1) ** 2 * real_dot[i] / len(real)
        fake_out[i] = fake_dot[i] / len(real)


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="quartic",
        summary="for a test",
        formula="L_D = E (d(x) - 1)^4 / 4 + E (d(G(z)) + 1)^2 / 2,  L_G = -E tanh d(G(z))",
        cite="none",
        scale="score",
        paired=False,
        vectors=VectorForm(losses, critic_cotangents, generator_cotangents, critic_curvature),
    ),
)
'''
TESTS = (
    "tests/contracts/test_native_settings.py",
    "tests/contracts/test_native_gradients.py",
    "tests/contracts/test_every_step.py",
    "tests/contracts/test_every_control.py",
)
ADDED = (
    "hold_every_pair or (every_pair_of_settings and quartic) or (critics_gradient and none)"
    " or (finite_pure_function and drift and (quartic or brier)) or (test_every_control and (nesterov or square))"
)


def test_the_contracts_hold_for_added_entries(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    registries = "OBJECTIVES|PENALTIES|OPTIMIZERS|UPDATE_RULES|TARGETS"
    kinds = [text for text in examples if re.search(rf"^({registries})\.add", text, re.M)]
    files = {f"added_{i}": text for i, text in enumerate([WITH_VECTORS, *kinds])}
    assert len(files) == 6
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    plugins = [argument for name in files for argument in ("-p", name)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugins, "-m", "not slow"]
    done = subprocess.run(
        [*command, *TESTS, "-k", ADDED, "--durations=12"],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) >= 15, done.stdout
