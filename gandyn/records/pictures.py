"""The pictures of a run, made of what its directory holds: they can be made again at any time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import save
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import first_lane
from gandyn.core.rng import Rng
from gandyn.core.types import Net, State
from gandyn.probes.inputs import reals, sampled_generator
from gandyn.probes.measures import or_nan
from gandyn.probes.reference import modes_of
from gandyn.probes.window import half_width
from gandyn.records import strict_json as json
from gandyn.records.album import POINTS, frames, is_image, panels
from gandyn.records.config import from_config
from gandyn.records.disk import write, write_picture
from gandyn.records.figures import canvas, scatter
from gandyn.records.figures.curves import curves
from gandyn.records.figures.film import captioned, film
from gandyn.records.figures.filmstrip import filmstrip
from gandyn.records.figures.interpolation import interpolation
from gandyn.records.figures.sheet import sheet
from gandyn.records.log import read
from gandyn.records.plan import Plan
from gandyn.records.rundir import RunDirectory

MOVIE, MOST = "movie.webp", 200  # frames of a movie, evenly spread over those that are there
ROWS, STEPS = 8, 10  # of an interpolation


def draw(directory: RunDirectory) -> None:
    """All of them, and the weights under torch.nn's names."""
    config, saved = directory.config(), directory.last()
    first, plan = from_config(config), Plan(**config["plan"])
    now, state = first_lane(saved.experiment, saved.state)
    for name, net, theta in (
        ("generator", now.game.generator, sampled_generator(now, state)),
        ("critic", now.game.critic, state.d),
    ):
        write(directory.path / f"{name}.safetensors", _weights(now, name, net, theta))
    _draw_curves(directory, first)
    if is_image(now):
        _draw_images(directory, now, state, plan)
    else:
        _draw_points(directory, now, plan)
    draw_movie(directory, directory.path / MOVIE)


class Pictures:
    """Pictures of a run's frames: a sheet of images, or generated and real points, before axes that are drawn once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._ground: tuple[object, scatter.Scatter] | None = None  # for which real points, before them

    def __call__(self, now: Experiment, samples: np.ndarray, step: int) -> Image.Image:
        """The picture of one frame, samples as album.frame gives them."""
        if is_image(now):
            return sheet(samples / 255.0, self._plan.sheet[1])
        points = now.target, now.seed, len(samples)
        if self._ground is None or self._ground[0] != points:
            real = reals(now, len(samples), Rng(now.seed)).numpy()
            self._ground = points, scatter.Scatter(real, half_width(now.target))
        return self._ground[1](samples, step)


def draw_movie(directory: RunDirectory, path: Path) -> None:
    """The samples of all frames, one after another; the suffix of the path says how."""
    kept, config = frames(directory.frames), directory.config()
    now, plan = from_config(config), Plan(**config["plan"])
    kept = [kept[i] for i in np.unique(np.linspace(0, len(kept) - 1, MOST).round().astype(int))]
    if is_image(now):
        picture = Pictures(plan)
        drawn = (captioned(picture(now, samples, step), f"step {step:,}") for step, samples in kept)
    else:
        real = reals(now, POINTS, Rng(now.seed)).numpy()
        drawn = scatter.frames(real, kept, half_width(now.target))
    film(drawn, path)


def _draw_curves(directory: RunDirectory, first: Experiment) -> None:
    rows = read(directory.metrics)
    names = {name for row in rows for name in row} - {"step", "wall"}
    columns = {name: np.array([or_nan(row.get(name)) for row in rows]) for name in sorted(names)}
    if not rows:
        return
    unit = "nats" if first.rule.objective in ("minimax", "non-saturating", "log-sigmoid", "relativistic") else ""
    mixture = modes_of(first.target)
    modes = None if mixture is None else len(mixture.weights)
    columns["steps"] = np.array([row["step"] for row in rows])
    canvas.save(curves(columns, unit, modes), directory.path / "curves.png")


def _draw_images(directory: RunDirectory, now: Experiment, state: State, plan: Plan) -> None:
    scale = str(now.target.parameters().get("scale", "unit"))
    real = reals(now, plan.sheet[0] * plan.sheet[1], Rng(now.seed))
    write_picture(directory.path / "real.png", sheet(real, plan.sheet[1], scale=scale))
    for kind in ("linear", "spherical") if now.game.latent.law == "normal" else ("linear",):
        samples = interpolation(now, state, Rng(now.seed), ROWS, STEPS, kind)
        write_picture(directory.path / f"interpolation-{kind}.png", sheet(samples, STEPS, scale=scale))


def _draw_points(directory: RunDirectory, now: Experiment, plan: Plan) -> None:
    real = reals(now, POINTS, Rng(now.seed)).numpy()
    strip = filmstrip([(f"k = {now.rule.unroll}", panels(directory.frames, plan))], real, half_width(now.target))
    canvas.save(strip, directory.path / "filmstrip.png")


def _weights(now: Experiment, part: str, net: Net, theta: Tensor) -> bytes:
    """A safetensors file whose names net.module's modules load."""
    metadata = {"preset": now.name, "part": part, "format": "pt"}
    return in_order(save({name: view.detach().cpu().contiguous() for name, view in net.named(theta).items()}, metadata))


def in_order(packed: bytes) -> bytes:
    """A safetensors file with the entries of its header in the order of their names: written, it is a hash table's."""
    size = int.from_bytes(packed[:8], "little")
    header = json.dumps(json.loads(packed[8 : 8 + size]), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + packed[8 + size :]
