"""How the critic's weights are spread, and how many of them stand at the bounds that clipping sets."""

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe

BINS = 41
AT = 1e-3  # of the bound: a weight that is no farther from it stands at it


def weights(experiment: Experiment, state: State, rng: Rng, *, bins: int = BINS) -> Arrays:
    """The histogram of all of the critic's parameters, biases too: they are what the clip bounds.

    `left`, `right`, `share` [bins]: each bin and the share of the weights in it, over [-m, m] with m the largest
    absolute value, or the clip c where it is larger; `bound`, `top` [2]: -c and c, and the largest share, NaN without a
    clip; 0-d: `clip` c (0: none), `at_clip`, the share of weights with |w| >= (1 - AT) c (NaN without a clip), and
    `largest`, the largest |w|. WGAN's clip drives weights there (Gulrajani et al. 2017, 1704.00028, section 3).
    """
    w = np.abs(theta := state.d.detach().double().cpu().numpy())
    clip = float(experiment.knobs.clip)
    reach = max(float(w.max(initial=0.0)), clip) or 1.0
    counts, edges = np.histogram(theta, bins, (-reach, reach))
    share = counts / max(1, len(theta))
    bound = np.array([-clip, clip]) if clip else np.full(2, np.nan)
    return {
        "left": edges[:-1],
        "right": edges[1:],
        "share": share,
        "bound": bound,
        "top": np.full(2, share.max()) if clip else np.full(2, np.nan),
        "clip": np.array(clip),
        "at_clip": np.array(float((w >= (1 - AT) * clip).mean()) if clip else np.nan),
        "largest": np.array(float(w.max(initial=0.0))),
    }


PROBES.add(Probe("weights", "the critic's weights, and those at the bounds of the clip", weights), rank=23)
