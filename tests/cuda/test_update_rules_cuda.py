"""Update rules on CUDA: a step as a CUDA graph is the step of the CPU, with what a rule remembers in fixed memory."""

import pytest
import torch

import gandyn
from gandyn.core.lanes import lane
from gandyn.core.trees import leaves
from gandyn.core.update_rules import UPDATE_RULES

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
SMALL = {"generator.widths": "8,8", "critic.widths": "8,8", "batch_size": 16}


@pytest.mark.parametrize("lanes", [None, 2])
@pytest.mark.parametrize("name", UPDATE_RULES)
def test_a_step_on_cuda_is_that_on_the_cpu(name, lanes):
    """In float64, over steps at which slow copies are met, and from another rule's memory on."""
    experiment = gandyn.preset("collapse").replace(**SMALL, update_rule=name, engine="autograd")
    ends = []
    for device in ("cpu", "cuda"):
        run = gandyn.Run(experiment.replace(device=device), lanes=lanes, dtype=torch.float64)
        run.advance(7)
        run.set(update_rule="lead")
        run.advance(2)
        ends.append(run.state)
    of_cpu, of_cuda = ends if lanes is None else [lane(one, 1) for one in ends]
    for (part, a), (_, b) in zip(leaves(of_cpu), leaves(of_cuda), strict=True):
        if isinstance(a, torch.Tensor):
            torch.testing.assert_close(a, b.cpu(), rtol=1e-7, atol=1e-9, msg=lambda text, part=part: f"{part}: {text}")
