"""One-sided label smoothing: real samples are real with probability 1 - w."""

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import Amount, Critic, Number, Penalty
from gandyn.core.types import Batch


def loss(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: Number) -> Tensor:
    """weight E d(x): what -(1 - w) log sigma(d) - w log(1 - sigma(d)) has beside -log sigma(d).

    Exact for log-likelihoods, minimax, non-saturating and log-sigmoid. Other objectives have no labels: there it is the
    same pull on the values at real samples.
    """
    return weight * critic(real).mean(-1)


PENALTIES.add(
    Penalty(
        loss,
        name="label-smoothing",
        summary="the critic learns that a real sample is real with probability 1 - w, so it is never sure",
        formula="-E ((1 - w) log D(x) + w log(1 - D(x))) in the place of -E log D(x):  + w E d(x)",
        cite="Salimans et al. 2016 (1606.03498), section 3.4",
        knobs=(),
        amount=Amount(0.1, 0.0, 0.5, "w: the probability that is taken from the label of real samples"),
        of_real=True,
    ),
    rank=17,
)
