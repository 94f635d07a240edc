"""Where a run goes on from a state, for views that look along it. Registers nothing."""

from gandyn.core import native
from gandyn.core.cost import step_cost
from gandyn.core.engine import advance, engine_at, resolve
from gandyn.core.experiment import Experiment
from gandyn.core.types import State

OPERATIONS = 8e9  # that a view may take: half a second of one thread
LEAST = 20  # steps without which there is nothing to see


def too_long(experiment: Experiment, lanes: int = 1) -> str:
    """Why so many lanes are not taken some steps ahead, in a line; "": they are."""
    each = step_cost(experiment, lanes).operations
    if LEAST * each <= OPERATIONS:
        return ""
    return f"a step of {lanes} of these takes {each / 1e6:,.0f} million operations: too long to look {LEAST} ahead"


def affordable(experiment: Experiment, steps: int, lanes: int = 1) -> int:
    """How many of `steps` a view may take ahead; ValueError with one line where it is none."""
    if why := too_long(experiment, lanes):
        raise ValueError(why)
    return min(steps, int(OPERATIONS / max(1.0, step_cost(experiment, lanes).operations)))


def engine_here(experiment: Experiment, state: State) -> str:
    """The engine of these steps where nothing has to be compiled for them, else autograd."""
    engine = engine_at(
        experiment.game, experiment.rule, resolve(experiment, state.g.device), state.g.device, state.g.dtype
    )
    ready = state.g.is_cuda or native.is_ready(experiment.rule, state.g.dtype)
    return engine if ready or experiment.rule.engine == "native" else "autograd"


def ahead(experiment: Experiment, state: State, steps: int, every: int = 1) -> list[State]:
    """This state, and those after `every`, 2 `every`, ... of the next steps, as the run itself would make them."""
    states, engine = [state], engine_here(experiment, state)
    for _ in range(steps // every):
        states.append(advance(experiment, states[-1], [experiment.seed], every, engine)[0])
    return states
