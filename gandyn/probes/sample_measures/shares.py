"""How the samples are shared out among the modes."""

from gandyn.probes.measures import holding
from gandyn.probes.sample_measures import MEASURES, Measure, Samples


def share_error(samples: Samples) -> float | None:
    """The total variation distance of the shares of the modes, each sample at its nearest one, from their weights."""
    mixture = samples.mixture
    if mixture is None:
        return None
    counts = holding(mixture, samples.x).all_by_nearest
    return float((counts.double() / len(samples.x) - mixture.weights).abs().sum() / 2)


MEASURES.add(
    Measure(
        "share_error", "misplaced share", share_error, "{:.2%}",
        "lower is better, the share of samples that would have to go to another mode",
        "sum |p_k - w_k| / 2, p_k the share of the samples whose nearest centre is k, w_k its weight; all samples",
        "total variation distance; Levin & Peres 2017, section 4.1",
        modes=True,
    ),
    rank=9,
)  # fmt: skip
