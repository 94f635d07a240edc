"""How good are these samples? The strict measures of the ring and grid benchmarks, by one definition everywhere."""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Mixture, Target
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.distances import between_shadows, pair_distances, shadows
from gandyn.probes.inputs import generate
from gandyn.probes.reference import floor, modes_of, reference_shadows
from gandyn.probes.sample_measures import Samples, applicable

Measures = dict[str, float | int | None]
LARGE = 2.0**50  # coordinates up to it are squared and summed in float32 without overflow
LARGEST = 1e300  # of a coordinate that is measured: distances are some of them
NEAR = 3  # standard deviations: 98.89 % of the samples of a Gaussian in the plane are that near to its centre


class Holding(NamedTuple):
    """How n samples sit on K modes."""

    share_near: float  # of the samples, within 3 sigma of any centre
    near: Tensor  # [K] samples within 3 sigma of each centre
    covered: Tensor  # [K] bool: at least n / (4 K) of them
    by_nearest: Tensor  # [K] samples within 3 sigma of any centre, each counted at its nearest one
    all_by_nearest: Tensor  # [K] all samples, each counted at its nearest centre


def measure(target: Target, samples: Any, *, projections: int = 256, full: bool = False) -> Measures:
    """The measures of samples [n, dim] of this target (a tensor or anything that torch.as_tensor takes).

    K is the number of distinct centres; near means within 3 sigma, of any centre where modes overlap. Where the modes'
    sigmas differ each has its own, and the nearest centre is that of the fewest sigmas.
      modes           centres with at least one sample near
      covered         centres with at least n / (4 K) samples near
      hq              share of samples near any centre
      reverse_kl      sum p ln(p / w) in nats, p the shares of the near samples by nearest centre, w the weights;
                      None if no sample is near; its mean for n perfect samples is about (K - 1) / 2n
      reverse_kl_all  the same with every sample at its nearest centre
      sw2             sliced Wasserstein-2 to a stratified reference of n real samples, over `projections` directions
    With `full`, which takes seconds where the others take milliseconds, also all of `gandyn.measures()` that apply to
    the target: Wasserstein and energy distances, MMD, likelihood, divergences on a grid, nearest neighbours; None where
    one is not defined. Each says what it is and what a perfect generator gets.
    A target without modes has none of the first five. Ref: Lin et al. 2018 (1712.04086), for modes, hq and reverse_kl.
    Counts are taken in float64, distances in float32, in units of the largest coordinate where that is above 2^50.
    Raises ValueError for samples of the wrong shape, none, complex ones, or any that is not finite or beyond 1e300.
    """
    checks.instance("target", target, Target, "gandyn.preset(NAME).target")
    x = checked(target, samples)
    mixture = modes_of(target)
    counts = None if mixture is None else holding(mixture, x)
    return measure_counted(target, x, counts, projections=projections, full=full)


def measure_counted(
    target: Target, x: Tensor, counts: Holding | None, *, projections: int = 256, full: bool = False
) -> Measures:
    """`measure` of `checked` samples whose counts at the target's modes are known; None where it has no modes."""
    mixture = modes_of(target)
    values: Measures = {}
    if mixture is not None and counts is not None:
        values = _mode_measures(mixture, counts)
    unit = _unit(x)
    scaled = (x / unit).float()
    values["sw2"] = unit * between_shadows(
        shadows(scaled, projections), reference_shadows(target, len(x), projections) * np.float32(1 / unit)
    )
    if full:
        samples = Samples(target, x, unit)
        values |= {each.name: each.of(samples) for each in applicable(target)}
    return values


def _unit(x: Tensor) -> float:
    """1, or the least power of two above all coordinates of x where one is beyond LARGE: distances scale with it."""
    largest = float(x.abs().max())
    return 1.0 if largest <= LARGE else 2.0 ** math.frexp(largest)[1]


def checked(target: Target, samples: Any) -> Tensor:
    """The samples in float64 on the CPU; ValueError where `measure` refuses them."""
    wanted = "x".join(["n", *map(str, target.shape)])
    if len(target.shape) != 1:
        raise ValueError(f"target {target.name!r} has samples of shape {wanted}: only vectors are measured")
    try:
        x = samples.detach().cpu() if isinstance(samples, Tensor) else _from_numpy(np.array(samples))
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"samples of target {target.name!r} must be numbers of shape {wanted}") from None
    if x.is_complex():
        raise ValueError(f"samples of target {target.name!r} must be real numbers, not complex ones")
    if x.ndim != 2 or x.shape[1:] != target.shape or not len(x):
        raise ValueError(f"samples of target {target.name!r} must be of shape {wanted}, n > 0, not {list(x.shape)}")
    x = x.double()
    if not bool(x.isfinite().all()):
        raise ValueError(f"samples must be finite, but {int((~x.isfinite()).any(1).sum())} of {len(x)} are not")
    if float(x.abs().max()) > LARGEST:
        raise ValueError(f"samples must be at most {LARGEST:g} in size, not {float(x.abs().max()):g}")
    return x


def _from_numpy(x: np.ndarray) -> Tensor:
    """An array of any numeric type as a tensor in float64 or complex128; TypeError for one of something else."""
    if x.dtype.kind not in "biufc":
        raise TypeError(f"{x.dtype} is no number")
    with np.errstate(over="ignore"):  # a long double beyond float64 becomes infinite, which is refused
        return torch.from_numpy(x.astype(np.complex128 if x.dtype.kind == "c" else np.float64))


def reverse_kl(counts: Tensor, weights: Tensor) -> float | None:
    """KL(p || w) in nats of the shares p of the counts [K]; None if there is nothing to count."""
    total = float(counts.sum())
    if not total:
        return None
    p = counts[counts > 0].double() / total
    return max(0.0, float((p * (p / weights[counts > 0]).log()).sum()))


def holding(mixture: Mixture, x: Tensor) -> Holding:
    """Counts of samples x [n, dim] in float64; a sample that is not finite is near to no centre."""
    n, k = len(x), len(mixture.weights)
    distance = pair_distances(x, mixture.centres)
    near = distance <= NEAR * mixture.sigma
    near_any, nearest, counts = near.any(1), _nearest(mixture, x), near.sum(0)
    return Holding(
        share_near=float(near_any.double().mean()),
        near=counts,
        covered=counts * 4 * k >= n,
        by_nearest=nearest[near_any].bincount(minlength=k),
        all_by_nearest=nearest.bincount(minlength=k),
    )


def _nearest(mixture: Mixture, x: Tensor) -> Tensor:
    """The number of the centre that is nearest to each sample x [B, n], in sigmas: [B].

    By |x - c|^2 less |x|^2, which all centres share: far from all of them their distances are equal in every digit.
    """
    centres, sigma = mixture.centres, mixture.sigma
    unit = x.abs().amax(1, keepdim=True).clamp(min=1)
    if isinstance(sigma, Tensor):
        return (((x / unit)[:, None] - centres / unit[..., None]).norm(dim=-1) / sigma).argmin(1)
    return (centres.square().sum(1) / unit - 2 * (x / unit) @ centres.T).argmin(1)


def _mode_measures(mixture: Mixture, counts: Holding) -> Measures:
    return {
        "modes": int((counts.near > 0).sum()),
        "covered": int(counts.covered.sum()),
        "hq": counts.share_near,
        "reverse_kl": reverse_kl(counts.by_nearest, mixture.weights),
        "reverse_kl_all": reverse_kl(counts.all_by_nearest, mixture.weights),
    }


def or_nan(value: float | None) -> float:
    """The value as a number that arrays hold: NaN for None, what is not defined."""
    return math.nan if value is None else float(value)


def measure_state(
    experiment: Experiment, state: State, rng: Rng, *, n: int = 2500, projections: int = 256, full: bool = False
) -> Measures:
    """The measures of n samples of the shown generator, at latents that are a function of rng alone."""
    samples = generate(experiment, state, n, rng)
    return measure(experiment.target, samples, projections=projections, full=full)


def measures(
    experiment: Experiment, state: State, rng: Rng, *, n: int = 2500, projections: int = 256, full: bool = False
) -> Arrays:
    """The measures of n generated samples by name, as 0-d arrays, NaN for None, and `floor`, that of sw2 (see floor).

    Raises ValueError if a sample is not finite.
    """
    values = measure_state(experiment, state, rng, n=n, projections=projections, full=full)
    values["floor"] = floor(experiment.target, n, projections)
    return {name: np.array(or_nan(value)) for name, value in values.items()}


PROBES.add(Probe("measures", "how good the samples are", measures), rank=5)
