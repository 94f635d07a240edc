"""How good is what a run has learned? Its numbers beside those of real samples. `gandyn.records.report` says them."""

from typing import Any

from PIL import Image
from torch import Tensor

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import State
from gandyn.probes.inputs import generate
from gandyn.probes.measures import measure
from gandyn.probes.modes import modes_of_samples
from gandyn.probes.reference import RIVALS, modes_of
from gandyn.records.digits.evaluation import evaluate_digits, neighbours_of_digits
from gandyn.targets.mnist import Mnist

SAMPLES = 10_000
FEWEST, MOST = 10, 50_000


def evaluate(experiment: Experiment, state: State, *, n: int = SAMPLES, seed: int = 0) -> dict[str, Any]:
    """The scores of n samples of the shown generator, at latents that are a function of the seed alone; JSON-able.

    Of digits, seen by the classifier of `gandyn.records.digits.classifier`, against real training images:
      frechet         Frechet distance of its 128 features, in their squared units; compare only at equal n
      frechet_floor   the same of n other real images
      kid             squared kernel distance of the same features, unbiased at any n: about 0 for real images, or below
      histogram       samples by digit, [10]
      kl              of their shares to uniform, in nats
      classes         digits that have more than 1 % of the samples
      confident       share of samples with a probability above 0.9
      precision, recall, density, coverage   see `gandyn.probes.manifold`; of 5,000 features of either kind
      real            all of these for n other real images
      reference       which real images: a fixed random 10,000, or half of what is there
      classifier      its sha256 and its accuracy on the 10,000 test images of MNIST
    Grey images are the reference also where the target draws its pixels black or white.

    Of points: all that `gandyn.measure` gives with full=True, and `real`, the same for n fresh real samples. Where the
    target has modes also `centres`, K, and `by_mode`, for each its `centre`, its `weight` in the target, and the
    shares `generated` and `real` of those samples within 3 sigma of any centre that are nearest to it, of all samples.

    `n` is the number of samples that were used: fewer where the real images do not suffice for the floor. Raises
    ValueError in one line for samples that are not finite and for targets that are neither.
    """
    n, target = checks.integer("n", n, FEWEST, MOST), experiment.target
    if isinstance(target, Mnist):
        return evaluate_digits(target, experiment, state, n, seed)
    if len(target.shape) != 1:
        raise ValueError(f"samples of target {target.name!r} are neither digits nor points: they cannot be evaluated")
    generated, real = generate(experiment, state, n, Rng(seed)), target.draw(n, RIVALS[0])
    measured = measure(target, generated, full=True)
    return {"n": n, **_by_mode(target, generated, real), **measured, "real": measure(target, real, full=True)}


def _by_mode(target: Target, generated: Tensor, real: Tensor) -> dict[str, Any]:
    """`centres` and `by_mode` of finite samples; nothing of a target without modes."""
    if modes_of(target) is None:
        return {}
    of_generated, of_real = (modes_of_samples(target, x) for x in (generated, real))
    keys = ("centre", "weight", "generated", "real")
    columns = (of_real["centres"], of_real["weights"], of_generated["shares"], of_real["shares"])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {"centres": len(of_real["weights"]), "by_mode": [dict(zip(keys, row, strict=True)) for row in rows]}


def neighbours(experiment: Experiment, state: State, *, rows: int = 10, seed: int = 0) -> Image.Image:
    """A grey picture: in each row a generated digit, then the 5 training digits nearest to it, twice.

    First by the classifier's features, then by pixels, both Euclidean, the nearest first, among the images that the
    target draws from. ValueError where the target has no digits.
    """
    target, rows = experiment.target, checks.integer("rows", rows, 1, 1000)
    if not isinstance(target, Mnist):
        raise ValueError(f"samples of target {target.name!r} are no digits: they have no neighbours to show")
    return neighbours_of_digits(target, experiment, state, rows, seed)
