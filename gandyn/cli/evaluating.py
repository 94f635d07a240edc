"""gandyn evaluate: how good the samples of a run are."""

from __future__ import annotations

from pathlib import Path

import torch

from gandyn.cli.options import Data
from gandyn.cli.streams import say
from gandyn.cli.training import prepare, say_unused
from gandyn.core.lanes import first_lane
from gandyn.records import strict_json as plain_json
from gandyn.records.disk import write_picture
from gandyn.records.engine import threads_of
from gandyn.records.evaluate import evaluate as score
from gandyn.records.evaluate import neighbours
from gandyn.records.report import report
from gandyn.records.rundir import RunDirectory
from gandyn.targets import mnist_files
from gandyn.targets.mnist import Mnist


def evaluate(path: Path, data: Data, *, json: bool) -> int:
    """Exit status; ValueError where there is no run."""
    prepare(data)
    directory = RunDirectory.existing(path)
    saved = directory.own_last()
    say_unused(data, saved.experiment.target)
    engine = directory.engine()
    torch.set_num_threads(engine.threads if engine else threads_of(saved.experiment))
    now, state = first_lane(saved.experiment, saved.state)
    evaluation = {"preset": now.name, "step": state.step, **score(now, state)}
    directory.write("evaluation.json", evaluation)
    if isinstance(now.target, Mnist):
        write_picture(path / "neighbours.png", neighbours(now, state))
        if (images := now.target.provenance())["sha256"] not in mnist_files.MNIST_SHA256:
            digits = images["digits"]
            say(f"gandyn: the classifier knows another MNIST than {digits}: compare scores of these data alone")
    print(plain_json.dumps(evaluation) if json else "\n".join(report(evaluation)))
    return 0
