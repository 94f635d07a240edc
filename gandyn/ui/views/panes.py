"""The views as parts of a page: a figure with its key above it.

In pn.pane.Bokeh, not pn.pane.HoloViews: the figures are finished, and a HoloViews pane would render them once more.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import panel as pn
from bokeh.models import ColumnDataSource, GlyphRenderer, Plot

from gandyn.core.experiment import Experiment
from gandyn.ui.views import VIEWS, LegendEntry, View
from gandyn.ui.views.comparison import MOST, CurvesOfRuns, figure_of, has_comparison
from gandyn.ui.views.figures import figures
from gandyn.ui.views.key import Key
from gandyn.ui.views.series import MARGIN_RIGHT
from gandyn.ui.views.stage import DOTS

_STROKES = {
    "solid": "stroke-width:2",
    "bold": "stroke-width:3",
    "thin": "stroke-width:1",
    "dashed": "stroke-width:2;stroke-dasharray:5 3",
}

# The stage takes the largest square that its box has room for above its key (stage.py has the other half of it).
_BOX = ":host { container-type: size; display: flex; flex-flow: column; place-content: center; align-items: center; }"

# Right above the frame, and ending where it ends.
LEGEND = f"""
.legend {{ display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 1rem;
  padding-right: {MARGIN_RIGHT / 16}rem; white-space: nowrap; color: var(--gandyn-text);
  font: var(--gandyn-small)/1.4 var(--gandyn-font); }}
/* A narrow box, as for a projector: closer together, and in two lines, rather than cut off. */
:host {{ container-type: inline-size; }}
@container (max-width: 17rem) {{ .legend {{
  column-gap: 0.5rem; padding-right: 0; font-size: 0.65rem; white-space: normal; text-align: right; }} }}
.entry svg {{ width: 1.6em; height: 1.1em; vertical-align: -0.15em; margin-right: 0.3em; }}
"""


def _swatch(entry: LegendEntry) -> str:
    colour = f"var(--gandyn-{entry.token})"
    if entry.shape == "bar":
        drawn = f'<rect x="5" y="1" width="8" height="10" style="fill:{colour}"/>'
    elif entry.shape == "circle":
        drawn = f'<circle cx="9" cy="6" r="4" style="fill:{colour}"/>'
    elif entry.shape == "band":
        wide, narrow = ((y, 12 - 2 * y, opacity) for y, opacity in ((0.5, 0.2), (3, 0.35)))
        drawn = "".join(
            f'<rect y="{y}" width="18" height="{high}" style="fill:{colour};opacity:{opacity}"/>'
            for y, high, opacity in (wide, narrow)
        )
    else:
        drawn = f'<path d="M0 6H18" style="fill:none;stroke:{colour};{_STROKES[entry.shape]}"/>'
    return f'<svg viewBox="0 0 18 12" aria-hidden="true">{drawn}</svg>{escape(entry.label)}'


def legend(entries: Iterable[LegendEntry]) -> str:
    items = "".join(f'<span class="entry">{_swatch(entry)}</span>' for entry in entries)
    return f'<div class="legend">{items}</div>'


def of_several(*views: View) -> list[LegendEntry]:
    """The legend where several runs are drawn: colour and dash say which, so it names what by its width alone.

    `views`: those that stand below each other.
    """
    compared = [one for view in views for one in view.compared]
    widest = max((one.width for one in compared), default=0)
    shapes = ("bar" if one.bars else "bold" if one.width == widest else "thin" for one in compared)
    return [LegendEntry(one.label, "text", shape) for one, shape in zip(compared, shapes, strict=True)]


def described(view: View) -> dict[str, Any]:
    """What the page is told of a view: its name, what it shows, its legend, that of several runs, and whether it is
    drawn along the steps.
    """
    key, several = ([entry._asdict() for entry in entries] for entries in (view.key, of_several(view)))
    return {"name": view.name, "summary": view.summary, "key": key, "several": several, "steps": view.series}


class Panes:
    """The views of a page as its parts, for one run or several side by side; each fills the box it is put in."""

    def __init__(self, run: str = "", theme: str = "light") -> None:
        """`run`: the id of what is on the air."""
        self._run, self._figures = run, figures(theme)
        self._sources: dict[str, ColumnDataSource] = {}
        self._curves = {
            name: CurvesOfRuns(view, self._figures[name]) for name, view in VIEWS.items() if not view.apart
        }  # fmt: skip
        self._stages = [self._figures["stage"]]
        self._suited: object = None  # what it was arranged for last
        self.stages = [pn.Column(sizing_mode="stretch_both", margin=0, stylesheets=[_BOX]) for _ in range(MOST)]
        self._fill(0)
        self._parts: dict[str, list[View]] = {}  # the views that stand below each other, with one key for all
        for name, view in VIEWS.items():
            if not view.apart:
                self._parts.setdefault(view.under or name, []).append(view)
        self._keys = {
            name: pn.pane.HTML("", sizing_mode="stretch_width", margin=0, stylesheets=[LEGEND]) for name in self._parts
        }
        self.beside = {name: self._panel(name) for name in self._parts}

    def _panel(self, name: str) -> pn.viewable.Viewable:
        figures = [self._figures[view.name] for view in self._parts[name]]
        panes = [pn.pane.Bokeh(figure, sizing_mode="stretch_both", margin=0) for figure in figures]
        return pn.Column(self._keys[name], *panes, sizing_mode="stretch_both", margin=0)

    def _fill(self, place: int) -> None:
        pane = pn.pane.Bokeh(self._stages[place], sizing_mode="stretch_both", margin=0)
        key = Key(run=self._run, place=place, sizing_mode="stretch_width", margin=0)
        self.stages[place].objects = [pane, key]

    @property
    def places(self) -> int:
        """For how many runs there are models."""
        return len(self._stages)

    def arrange(self, experiments: Sequence[Experiment], lanes: int = 1) -> None:
        """Show so many runs under these experiments, or many GANs of one; hide what has nothing to show of them."""
        count = len(experiments)
        fitting = {name: fits(VIEWS[name], experiments, lanes) for name in self._parts}
        suited = (fitting, [experiment.target.shape for experiment in experiments])
        if suited == self._suited:  # as with every move of a slider
            return
        self._suited = suited
        while len(self._stages) < count:
            self._stages.append(figure_of("stage", len(self._stages)))
            self._fill(len(self._stages) - 1)
        for curves in self._curves.values():
            curves.show(count, self._sources)
        for name, views in self._parts.items():
            alone = [entry for view in views for entry in view.key]
            self._keys[name].object = legend(alone if count == 1 else of_several(*views))
            self.beside[name].visible = fitting[name]
        for place, stage in enumerate(self.stages):
            stage.visible = place < count
        for figure, experiment in zip(self._stages, experiments, strict=False):
            _suit(figure, experiment)


def fits(view: View, experiments: Sequence[Experiment], lanes: int) -> bool:
    """Whether the view has something to show of so many runs."""
    return view.fits(experiments[0], lanes) and (len(experiments) == 1 or has_comparison(view))


def _suit(stage: Plot, experiment: Experiment) -> None:
    """Hide an axis that measures nothing."""
    plane = experiment.target.shape != (1,)
    stage.yaxis.visible = plane
    stage.xaxis.axis_label = "x₁" if plane else "x"
    for renderer in stage.renderers:  # on a line they lie on top of each other, so there is room for large ones
        if isinstance(renderer, GlyphRenderer):
            size = DOTS.get((renderer.data_source.name or "").split("@")[0])
            if size:
                renderer.glyph.update(size=size if plane else 2 * size)
