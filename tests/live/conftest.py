"""Kernels are compiled before the tests of this folder begin: they wait for training, not for a compiler."""

import pytest
import torch

import gandyn
from gandyn.core import native


@pytest.fixture(autouse=True, scope="session")
def kernels():
    if native.INSTALLED:
        rule = gandyn.preset("collapse").rule
        native.prepare(rule._replace(penalty="r1"), torch.float32)
        for name, objective in gandyn.objectives().items():
            for unroll in (0, 5) if objective.vectors else ():
                native.prepare(rule._replace(objective=name, unroll=unroll), torch.float32)
