"""Processes for tests of what becomes of a run when one is killed."""

import multiprocessing

import pytest


@pytest.fixture
def forks():
    """A context of multiprocessing whose processes are forked from one that has imported torch and the kernels."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gandyn.sweep.pool", "gandyn.training.train", "gandyn.core.native.stepping"])
    return context
