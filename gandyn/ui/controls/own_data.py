"""Own data on the stage: points that are drawn, Gaussians that are moved, and files that are loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import param
from bokeh.document import Document
from torch import Tensor

from gandyn.core.target import Target
from gandyn.probes.reference import modes_of
from gandyn.records.disk import trouble
from gandyn.targets import gaussians, point_files, point_text
from gandyn.targets.point_tables import table
from gandyn.targets.points import Points
from gandyn.ui.messages import ChangeTarget, Mixture, Refusal
from gandyn.ui.page.component import Component
from gandyn.ui.server import upload
from gandyn.ui.session.session import Session

DIGITS = 5  # of the numbers that are handed to the page
PATIENCE = 30.0  # seconds that the page's models may be busy
NEAR, WIDE = 10.0, 0.2  # a file's points are scaled where one is farther out, or they spread less


class OwnData(Component):
    """A tool for the stage. What it makes is the target of the run that is steered, or of all: live, as any control.

    `drawing` and `mixture` are what the tool begins with: the present target, where it is points or Gaussians.
    """

    takes = ChangeTarget
    run = param.String(constant=True, doc="the id of what is on the air")
    target = param.String(doc="its name")
    flat = param.Boolean(
        False, doc="whether it is on a line: any of one's own is in the plane, and begins the run anew"
    )
    drawing = param.String(doc="the points as a text; empty where the target is no points, or too many")
    mixture = param.Dict(None, allow_None=True, doc="a Mixture: the target's modes, where it has any")
    points = param.Integer(0, doc="how many the target has, where it is points")
    most = param.Integer(point_text.MOST, constant=True, doc="points of a drawing")
    count = param.Integer(1, doc="how many runs are shown")
    steered = param.Integer(0, allow_None=True, doc="the one whose target it is; None: of all")
    refusal = param.Dict(None, allow_None=True, doc="a Refusal of the last one")

    def __init__(self, session: Session, **params: Any) -> None:
        self._session = session
        self._target: Target | None = None
        self._document: Document | None = None
        super().__init__(run=session.run_id, **params)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        target = self._session.experiment.target
        self.param.update(count=len(self._session.runs), steered=self._session.steered)
        if target is not self._target:
            self._target = target
            self.param.update(
                target=target.name,
                flat=target.shape == (1,),
                drawing=drawing(target),
                mixture=msgspec.to_builtins(mixture(target)),
                points=len(target.places) if isinstance(target, Points) else 0,
            )

    def change(self, controls: Mapping[str, Any]) -> None:
        """Another target, by its controls; ValueError with one line."""
        if strange := [name for name in controls if name != "target" and not name.startswith("target.")]:
            raise ValueError(f"{strange[0]} is no control of a target")
        self._session.change(**controls)

    async def receive_file(self, name: str, raw: bytes) -> str:
        """Make the points of a file the target; what was done, in a line. ValueError with one line."""
        loop = asyncio.get_running_loop()
        target, description = await loop.run_in_executor(None, target_of, name, raw)
        document, done = self._document, loop.create_future()
        if document is None:
            raise ValueError("the page is not there any more")

        def use() -> None:
            """With the document's lock."""
            try:
                self.change({"target": target.name, **_named(target)})
            except ValueError as error:
                done.set_exception(error)
            else:
                done.set_result(description)

        document.add_next_tick_callback(use)
        try:
            return await asyncio.wait_for(done, PATIENCE)
        except TimeoutError:
            raise ValueError(f"the page did not take {name}: load it again") from None

    def _get_model(self, doc: Document, root: Any = None, parent: Any = None, comm: Any = None) -> Any:
        self._document = doc
        upload.RECEIVERS[self._session.run_id] = self
        return super()._get_model(doc, root, parent, comm)

    def receive(self, message: ChangeTarget) -> None:
        """What was drawn, or moved."""
        self.change(message.controls)

    def refuse(self, message: ChangeTarget | None, line: str) -> None:
        """Under the tool."""
        last = self.refusal["id"] if self.refusal else 0
        self.refusal = msgspec.to_builtins(Refusal(line, last + 1))
        self._target = None  # what the page holds is no more what there is
        self.refresh()


def target_of(name: str, raw: bytes) -> tuple[Points, str]:
    """The target of a file's bytes, and what is said of it: a text where the points are few, else kept as a file.

    Takes a second for a million points; ValueError with one line for what is no table of them.
    """
    points = table(raw, name)
    far, spread = float(np.abs(points).max()), float(points.std(0).max())
    scaled = spread > 0 and (far > NEAR or spread < WIDE)
    how: dict[str, Any] = {"scale": "standard" if scaled else "plain"}
    if few := len(points) <= point_text.MOST:
        how["points"] = point_text.encode(points)
    else:
        try:
            how |= {"file": name, "sha256": point_files.keep(raw)}
        except OSError as error:
            raise ValueError(f"{name} cannot be kept: {trouble(error)}") from None
    with point_files.stored_only():
        target = Points(**how)
    description = f"{len(points):,} points of {name}" + (", scaled to standard deviation 1" if scaled else "")
    return target, description + ("; kept to three digits" if few else "; links name the file by its SHA-256")


def _named(target: Points) -> dict[str, Any]:
    """Its controls; the noise stays as it is."""
    return {f"target.{name}": value for name, value in target.parameters().items() if name != "sigma"}


def drawing(target: Target) -> str:
    """The points of the target as a text; empty where it is no points, or more of them than a text holds."""
    if not isinstance(target, Points) or len(target.places) > point_text.MOST:
        return ""
    if target.points and target.scale == "plain":
        return target.points
    return point_text.encode(target.places.double().numpy())


def mixture(target: Target) -> Mixture | None:
    """The modes of the target as Gaussians; None where it has none, or many."""
    modes = modes_of(target) if target.shape == (2,) else None
    if modes is None or len(modes.weights) > gaussians.MOST:
        return None
    if isinstance(target, gaussians.Gaussians):
        return Mixture(**{name: list(value) for name, value in target.parameters().items()})
    sigmas = modes.sigma.tolist() if isinstance(modes.sigma, Tensor) else [modes.sigma]
    weights = modes.weights / modes.weights.max()
    return Mixture(
        x=_rounded(modes.centres[:, 0].tolist()),
        y=_rounded(modes.centres[:, 1].tolist()),
        sigmas=_rounded(sigmas),
        weights=_rounded(weights.tolist()) if float(weights.min()) < 1 - 1e-9 else [],
    )


def _rounded(values: Sequence[float]) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") if abs(value) > 1e-9 else 0.0 for value in values]
