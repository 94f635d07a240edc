"""What a look-ahead changes: the critic itself, its gap update by update, and where it pushes the generator."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gandyn.core.critic_update import critic_loss, updates_ahead
from gandyn.core.dynamics import looking
from gandyn.core.experiment import Experiment
from gandyn.core.field import generator_gradient
from gandyn.core.moving import PlayerState
from gandyn.core.rng import Rng
from gandyn.core.types import Batch, Rule, State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.critic_map import grid
from gandyn.probes.gradient_field import FAINT, field_batch, pushes
from gandyn.probes.inputs import judge, only_where_read
from gandyn.probes.window import columns, half_width

BATCH = 256
ARROWS = 60
CELLS = 48  # a side of the map
LONGEST = 3  # times the length of half of the arrows, in the plane's twelfth
MOST = 10  # updates that are differentiated through
CURVE = 20  # updates of the curve of the gap, at least


def looked_ahead(experiment: Experiment, most: int = MOST) -> int:
    """k: the rule's own, or the one that the gap is measured with while the rule has none."""
    return min(experiment.rule.unroll_g or experiment.probe_unroll, most)


def critics_ahead(experiment: Experiment, state: State, batch: Batch, k: int) -> tuple[list[Tensor], list[float]]:
    """(the critics after 0, 1, ..., k updates on the batch, f of each on it), by the rule's own updates."""
    game, rule, knobs = experiment.game, _ahead(experiment.rule, k, "first"), experiment.knobs
    with torch.no_grad():
        fake = game.generator.apply(state.g, batch.z)
    with torch.enable_grad():
        updates = updates_ahead(game, rule, PlayerState(state.d, state.opt_d), fake, batch, knobs)
        critics = [state.d, *(update.after.theta.detach() for update in updates)]
        last = critic_loss(game, rule, critics[-1], fake, batch, knobs).f
    return critics, [float(f.detach()) for f in (*(update.before.f for update in updates), last)]


def _ahead(rule: Rule, k: int, order: str) -> Rule:
    return looking(rule, k)._replace(unroll_order=order)


def gradient_parts(experiment: Experiment, state: State, batch: Batch, k: int) -> tuple[Tensor, Tensor]:
    """The generator's gradient [P_G] through k updates of the critic: as a whole, and with the critic held there."""
    whole, held = (
        generator_gradient(
            experiment.game,
            _ahead(experiment.rule, k, order),
            state.g,
            PlayerState(state.d, state.opt_d),
            batch,
            experiment.knobs,
        )[0]
        for order in ("second", "first")
    )
    return whole, held


def look_ahead(experiment: Experiment, state: State, rng: Rng, *, n: int = BATCH, arrows: int = ARROWS) -> Arrays:
    """The critic's map after k updates minus the one now, and the arrows of both, in the target's window [-R, R]^2.

    `difference` [m, m], d_k - d over its largest absolute value, the row its y; `map_x`, `map_y`, `map_w`, `map_h` [1]:
    the map's place; `x0`, `y0` [arrows] samples, `x1`, `y1` where each is pushed at k = 0, `xk`, `yk` at k (in second
    order), both by one factor, so that lengths compare: half of those at k = 0 are longer than R / 12. 0-d: `k`,
    `gap` f(d) - f(d_k) on n samples, `largest` |d_k - d|, `second_share` |g - g_1| / |g| of the generator's gradient g,
    g_1 being what of it is left with the critic held at d_k; `turned`, the angle in degrees between g_1 and g.
    Ref: Metz et al. 2017 (1611.02163), eqs. 7 and 8: the second term is the difference.
    """
    only_where_read(experiment)
    r, k = half_width(experiment.target), looked_ahead(experiment)
    batch = field_batch(experiment, state, rng, n, n)
    critics, f = critics_ahead(experiment, state, batch, k)
    _, points = grid(CELLS, r)
    places = points if experiment.target.shape == (2,) else points[:, :1]
    now, ahead = (judge(experiment, state._replace(d=d), places) for d in (critics[0], critics[-1]))
    difference = (ahead - now).double().cpu().view(CELLS, CELLS)
    largest = float(difference.abs().max())
    whole, held = gradient_parts(experiment, state, batch, k)
    if not (np.isfinite(largest) and bool(whole.isfinite().all())):
        raise ValueError("what is looked ahead to is not finite")
    start, at_0 = pushes(replace(experiment, rule=_ahead(experiment.rule, 0, "second")), state, batch)
    _, at_k = pushes(replace(experiment, rule=_ahead(experiment.rule, k, "second")), state, batch)
    factor = r / 12 / max(float(at_0.norm(dim=1).median()), FAINT)
    (x0, y0), (x1, y1), (xk, yk) = (
        columns(p[:arrows]) for p in (start, *(_end(start, a, factor, r) for a in (at_0, at_k)))
    )
    cosine = float(torch.nn.functional.cosine_similarity(whole.double(), held.double(), 0))
    return {
        "difference": difference.numpy() / (largest or 1.0),
        "map_x": np.array([-r]), "map_y": np.array([-r]), "map_w": np.array([2 * r]), "map_h": np.array([2 * r]),
        "x0": x0, "y0": y0, "x1": x1, "y1": y1, "xk": xk, "yk": yk,
        "k": np.array(float(k)),
        "gap": np.array(f[0] - f[-1]),
        "largest": np.array(largest),
        "second_share": np.array(float((whole - held).norm() / whole.norm().clamp_min(1e-30))),
        "turned": np.array(float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))),
    }  # fmt: skip


def _end(start: Tensor, push: Tensor, factor: float, r: float) -> Tensor:
    """Where an arrow ends; none is longer than LONGEST times R / 12."""
    sizes = (factor * push.norm(dim=1, keepdim=True)).clamp_min(1e-30)
    return start + factor * push * (LONGEST * r / 12 / sizes).clamp_max(1)


def gap_over_k(experiment: Experiment, state: State, rng: Rng, *, n: int = 1024, most: int = CURVE) -> Arrays:
    """What j more updates of the critic gain it on n samples: f(d) - f(d_j) for j = 0, 1, ..., K.

    `j`, `gain` [K + 1], K the larger of `most` and the rule's k; `k`, `gain_at_k` [1]: the look-ahead's own depth. f is
    the critic's objective, without the penalty that the updates follow too. 0-d: `total` gain of K, `share`, what of
    it k updates reach (NaN where there is none).
    """
    only_where_read(experiment)
    k = looked_ahead(experiment, 1000)
    batch = field_batch(experiment, state, rng, n, n)
    _, f = critics_ahead(experiment, state, batch, max(most, k))
    gain = f[0] - np.array(f)
    if not np.isfinite(gain).all():
        raise ValueError("what is looked ahead to is not finite")
    return {
        "j": np.arange(len(gain)),
        "gain": gain,
        "k": np.array([k]),
        "gain_at_k": gain[[k]],
        "total": np.array(gain[-1]),
        "share": np.array(gain[k] / gain[-1] if gain[-1] > 0 else np.nan),
    }


PROBES.add(
    Probe("look_ahead", "what k more updates change in the critic and in what it asks of samples", look_ahead), rank=24
)
PROBES.add(Probe("gap_over_k", "what more updates would gain the critic, one by one", gap_over_k), rank=26)
