"""Wasserstein distances."""

from gandyn.probes.sample_measures import MEASURES, Measure

_DEFINITION = (
    "W_p^p = min over pairings s of the mean of |x_i - y_s(i)|^p, p = {p}; n = 2,000 at most off the line, y real "
    "samples of which every mode has its share exactly. Compare at equal n"
)

MEASURES.add(
    Measure(
        "w1", "Wasserstein-1", lambda samples: samples.paired[0], "{:.4f}", "lower is better, units of the data",
        _DEFINITION.format(p=1), "Peyre & Cuturi 2019 (1803.00567), section 2.2",
    ),
    rank=0,
)  # fmt: skip
MEASURES.add(
    Measure(
        "w2", "Wasserstein-2", lambda samples: samples.paired[1], "{:.4f}", "lower is better, units of the data",
        _DEFINITION.format(p=2), "Peyre & Cuturi 2019 (1803.00567), section 2.2",
    ),
    rank=1,
)  # fmt: skip
