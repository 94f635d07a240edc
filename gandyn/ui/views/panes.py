"""The views as parts of a page: a figure with its key above it.

In pn.pane.Bokeh, not pn.pane.HoloViews: the figures are finished, and a HoloViews pane would render them once more.
"""

from collections.abc import Iterable
from html import escape

import panel as pn
from bokeh.models import Plot

from gandyn.core.experiment import Experiment
from gandyn.ui.views import VIEWS, LegendEntry, View
from gandyn.ui.views.figures import figures
from gandyn.ui.views.key import Key
from gandyn.ui.views.series import MARGIN_RIGHT
from gandyn.ui.views.stage import DOTS

_STROKES = {"solid": "stroke-width:2", "bold": "stroke-width:3", "dashed": "stroke-width:2;stroke-dasharray:5 3"}

# The stage takes the largest square that its box has room for above its key (stage.py has the other half of it).
_BOX = ":host { container-type: size; display: flex; flex-direction: column; align-items: center; }"

# Right above the frame, and ending where it ends.
_LEGEND = f"""
.legend {{ display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 1rem;
  padding-right: {MARGIN_RIGHT / 16}rem; white-space: nowrap; color: var(--gandyn-text);
  font: var(--gandyn-small)/1.4 var(--gandyn-font); }}
/* A narrow box, as for a projector: closer together rather than cut off. */
:host {{ container-type: inline-size; }}
@container (max-width: 17rem) {{ .legend {{ column-gap: 0.5rem; padding-right: 0; font-size: 0.65rem; }} }}
.entry svg {{ width: 1.6em; height: 1.1em; vertical-align: -0.15em; margin-right: 0.3em; }}
"""


def _swatch(entry: LegendEntry) -> str:
    colour = f"var(--gandyn-{entry.token})"
    if entry.shape == "bar":
        drawn = f'<rect x="5" y="1" width="8" height="10" style="fill:{colour}"/>'
    elif entry.shape == "band":
        wide, narrow = ((y, 12 - 2 * y, opacity) for y, opacity in ((0.5, 0.2), (3, 0.35)))
        drawn = "".join(
            f'<rect y="{y}" width="18" height="{high}" style="fill:{colour};opacity:{opacity}"/>'
            for y, high, opacity in (wide, narrow)
        )
    else:
        drawn = f'<path d="M0 6H18" style="fill:none;stroke:{colour};{_STROKES[entry.shape]}"/>'
    return f'<svg viewBox="0 0 18 12" aria-hidden="true">{drawn}</svg>{escape(entry.label)}'


def _key(entries_of: Iterable[View]) -> pn.pane.HTML:
    shown = [entry for view in entries_of for entry in view.key]
    entries = "".join(f'<span class="entry">{_swatch(entry)}</span>' for entry in shown)
    return pn.pane.HTML(
        f'<div class="legend">{entries}</div>', sizing_mode="stretch_width", margin=0, stylesheets=[_LEGEND]
    )


def _stage(figure: Plot, run: str) -> pn.viewable.Viewable:
    pane = pn.pane.Bokeh(figure, sizing_mode="stretch_both", margin=0)
    key = Key(run=run, sizing_mode="stretch_width", margin=0)
    return pn.Column(pane, key, sizing_mode="stretch_both", margin=0, stylesheets=[_BOX])


def _panel(views: list[View], built: dict[str, Plot]) -> pn.viewable.Viewable:
    """Figures below each other with one key for all."""
    figures = [pn.pane.Bokeh(built[view.name], sizing_mode="stretch_both", margin=0) for view in views]
    return pn.Column(_key(views), *figures, sizing_mode="stretch_both", margin=0)


def panes(run: str = "", theme: str = "light") -> dict[str, pn.viewable.Viewable]:
    """A part of the page for every view of a run that stands in none of another, by name; each fills its box."""
    built = figures(theme)
    parts = {name: [view] for name, view in VIEWS.items() if view.under is None}
    for view in VIEWS.values():
        if view.under is not None:
            parts[view.under].append(view)
    return {
        name: _stage(built[name], run) if name == "stage" else _panel(views, built) for name, views in parts.items()
    }


def arrange(parts: dict[str, pn.viewable.Viewable], experiment: Experiment, lanes: int = 1) -> None:
    """Hide what has nothing to show for so many GANs of this experiment, and an axis that measures nothing."""
    for name, part in parts.items():
        part.visible = VIEWS[name].fits(experiment, lanes)
    stage = parts["stage"].select(pn.pane.Bokeh)[0].object
    plane = experiment.target.shape != (1,)
    stage.yaxis.visible = plane
    stage.xaxis.axis_label = "x₁" if plane else "x"
    for renderer in stage.renderers:  # on a line they lie on top of each other, so there is room for large ones
        size = DOTS.get(renderer.data_source.name)
        if size:
            renderer.glyph.size = size if plane else 2 * size
