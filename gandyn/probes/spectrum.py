"""The eigenvalues of the game's Jacobian, beside those that the update rule at its step size can take."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.field import Field
from gandyn.core.game_field import dot
from gandyn.core.krylov import ritz
from gandyn.core.linear_game import contraction, second_derivatives
from gandyn.core.rng import Rng
from gandyn.core.types import Knobs, State
from gandyn.core.update_rule import PRODUCT
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.contours import lines, tracer_of
from gandyn.probes.equilibrium import Equilibrium, classify, in_words
from gandyn.probes.game_point import Point, point
from gandyn.probes.stability import by_rates, stability, step_size
from gandyn.probes.window import round_up

EXACT = 600  # parameters of both players up to which all eigenvalues are computed
WHOLE = 64  # parameters of both players up to which a step of the whole game is made into a matrix
LARGEST = 1e30  # eigenvalue that is drawn, within float32
MARGIN = 1.2  # of the window around the eigenvalues
ROUNDING = 1e-9  # a factor that is no farther above 1 is 1


def spectrum(
    experiment: Experiment,
    state: State,
    rng: Rng,
    *,
    n: int = 256,
    exact: int = EXACT,
    products: int = 40,
    m: int = 49,
    window: float | None = None,
) -> Arrays:
    """The eigenvalues of J = dv/dw on n samples, in float64, the largest first; the look-ahead and penalties are in v.

    Of (H/h) J, H both players' learning rates and h the larger one: of J where they are equal. All of them where both
    players have at most `exact` parameters, `method` "exact"; of more those that Arnoldi's method finds by `products`
    Jacobian-vector products, "arnoldi", which are the outermost ones.
      real, imag, residual [k]  the eigenvalues, and of each a bound of |J x - lambda x|, 0 where exact
      factor [k]                what a step makes of that direction, see `stability`: below 1 it shrinks
      grows_real, grows_imag    of those whose factor is above 1
      line [m], region [m, m]   the same for the complex numbers of the `window`: real part by column, imaginary part
                                by row, both rising; what the rule can take is where it is at most 1
      edge_real, edge_imag      the lines along which it is 1, NaN between two of them; empty where there are none
    0-d:
      h, window, parameters, cost   the step size, the half width of that part of the plane (default: as wide as the
                                eigenvalues need), both players' parameters, the cost in evaluations of the field
      norm, rotation            |v|; sum |Im| / sum |lambda|
      radius                    the spectral radius of one step of the whole game, to first order here, up to WHOLE
                                parameters; of more the largest factor, which is that for rules of J alone
      antisymmetric             |A|^2 / (|A|^2 + |S|^2), S and A the two parts of the matrix; NaN by Arnoldi
      largest_real, smallest_real   of these eigenvalues
      flow, generator, critic, schur   see `gandyn.probes.equilibrium.Equilibrium`; NaN by Arnoldi
      method, kind, largest     texts; kind is one line, largest the radius to five digits
    Raises ValueError where the field is not finite.
    Ref: Mescheder et al. 2017 (1705.10461), section 3; Berard et al. 2020 (1906.04848), section 5.
    """
    at = point(experiment, state, rng, n)
    norm, knobs = float(dot(at.v, at.v).sqrt()), experiment.knobs
    if not math.isfinite(norm):
        raise ValueError("the field of the game is not finite here, so it has no spectrum")
    values, residuals, products_used, kind, antisymmetric = eigenvalues(at, knobs, exact, products)
    largest = float(values.abs().max())
    if not largest < LARGEST:
        raise ValueError(f"the largest eigenvalue is {largest:.0e}: the weights or the losses have run away")
    r = window or round_up(MARGIN * largest) or 1.0
    line = torch.linspace(-r, r, m, dtype=torch.float64)
    region = stability(experiment, torch.complex(*torch.meshgrid(line, line, indexing="xy"))).numpy()
    edge_real, edge_imag = lines(tracer_of(region, line.numpy()), np.ones(1))
    factor, total = stability(experiment, values), float(values.abs().sum())
    radius = float(factor.max())
    if len(at.w.g) + len(at.w.d) <= WHOLE:
        optimizers = (experiment.game.optimizer_g, experiment.game.optimizer_d)
        whole = contraction(second_derivatives(at.field, at.w), experiment.rule, knobs, optimizers)
        radius = math.nan if whole is None else float(whole)
    grows = values[factor > 1 + ROUNDING]
    arrays = {
        "real": values.real, "imag": values.imag, "residual": residuals, "factor": factor,
        "grows_real": grows.real, "grows_imag": grows.imag, "line": line,
    }  # fmt: skip
    of_kind = (kind.flow, kind.generator, kind.critic, kind.schur) if kind else [math.nan] * 4
    numbers = {
        "h": step_size(knobs), "window": r, "parameters": len(at.w.g) + len(at.w.d), "cost": PRODUCT * products_used,
        "norm": norm, "radius": radius,
        "rotation": float(values.imag.abs().sum()) / total if total else math.nan, "antisymmetric": antisymmetric,
        "largest_real": float(values.real.max()), "smallest_real": float(values.real.min()),
        **dict(zip(("flow", "generator", "critic", "schur"), of_kind, strict=True)),
        "method": "exact" if kind else "arnoldi", "kind": in_words(kind, norm),
        "largest": "the step is not linear" if math.isnan(radius) else f"{radius:.5f}",
    }  # fmt: skip
    return {
        **{name: array.contiguous().numpy() for name, array in arrays.items()},
        "region": region, "edge_real": edge_real, "edge_imag": edge_imag,
        **{name: np.array(number) for name, number in numbers.items()},
    }  # fmt: skip


class Eigenvalues(NamedTuple):
    """Eigenvalues of (H/h) J, the largest first, on the CPU."""

    values: Tensor  # complex [k]
    residuals: Tensor  # [k], see `spectrum`
    products: int  # with J that they took
    kind: Equilibrium | None  # None by Arnoldi's method
    antisymmetric: float


def eigenvalues(at: Point, knobs: Knobs, exact: int, products: int) -> Eigenvalues:
    """Those of the game at a point: all of them up to `exact` parameters, else what `products` products show."""
    j, m, count = at.field.differentiate(at.w), len(at.w.g), len(at.w.g) + len(at.w.d)
    kind, antisymmetric = None, math.nan
    if count <= exact:
        dense = j.dense()
        scaled = by_rates(dense, m, knobs)
        values, residuals, products = torch.linalg.eigvals(scaled), torch.zeros(count), count
        kind, square = classify(dense, m, scaled), float(scaled.square().sum())
        antisymmetric = float(((scaled - scaled.T) / 2).square().sum()) / square if square else math.nan
    else:

        def times(x: Tensor) -> Tensor:
            return by_rates(torch.cat(j.times(Field(x[:m], x[m:]))), m, knobs)

        values, residuals = ritz(times, Rng(0, index=1).normal("directions", count).to(at.w.g), products)
        products = len(values)
    order = sorted(range(len(values)), key=lambda i: (-round(float(values[i].abs()), 9), -float(values[i].imag)))
    return Eigenvalues(values.cpu()[order], residuals.cpu().double()[order], products, kind, antisymmetric)


PROBES.add(Probe("spectrum", "the eigenvalues of the game, and those that the rule can take", spectrum), rank=6)
