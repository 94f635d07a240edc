"""Kernels are compiled before the tests of this folder begin: they wait for training, not for a compiler."""

import pytest
import torch

import gandyn
from gandyn.core import native


@pytest.fixture(autouse=True, scope="session")
def kernels():
    if native.INSTALLED:
        rule = gandyn.preset("collapse").rule
        for objective in gandyn.objectives():
            for unroll in (0, 5):
                wanted = rule._replace(objective=objective, unroll=unroll)
                native.prepare(wanted, torch.float32)
