"""Colours, type and strokes of every plot and page. What is meant keeps its colour: `gandyn.records.colours`."""

from typing import Any

from bokeh.palettes import PRGn, interp_palette
from bokeh.themes import Theme

from gandyn.records.colours import GENERATED, INK, LIGHT, OUTLINE, REAL  # noqa: F401  views take them from here


def _towards_white(colour: str, share: float) -> str:
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)


# The critic's map, from purple (taken for generated) to green (taken for real), around the ground of its theme. Light:
# the seven-class PRGn, a little lighter, so that the dots stand out from it. Dark: its hues, no lighter than a dot's
# outline and the contours bear.
CRITIC = {
    "light": [_towards_white(colour, 0.15) for colour in interp_palette(PRGn[7][::-1], 256)],
    "dark": list(interp_palette(("#7D3F8E", "#45294F", "#14181C", "#1B3B27", "#226238"), 256)),
}

# How far a map stretches, little to much, each end away from the ground of its theme.
STRETCH = {
    "light": list(interp_palette(("#8FB8DE", "#6A6FC4", "#9B2F8F", "#C42D3C", "#7A1010"), 256)),
    "dark": list(interp_palette(("#3C5C86", "#6E74D6", "#C25AB8", "#F2785C", "#FFE08A"), 256)),
}

# The contrasts of the dark theme are those of the light one. From `sheet` on: of data space, whose ground is the sheet
# where no map is shown; some let the map through.
TOKENS: dict[str, dict[str, str]] = {
    "light": {
        **LIGHT,
        "sheet": CRITIC["light"][128],
        "ink": INK,
        "contour": f"{INK}47",
        "midline": f"{INK}BF",
        "arrow": f"{INK}99",
        "uncovered": "#57606A",
        "squeezed": STRETCH["light"][32],
        "stretched": STRETCH["light"][224],
        "outline": OUTLINE,
    },
    "dark": {
        "page": "#101316",
        "surface": "#191D21",
        "text": "#E6E9EC",
        "muted": "#A6B0BA",
        "line": "#66717C",
        "grid": "#2A3036",
        "accent": "#5DB5EA",
        "warning": "#FFA066",
        "real": REAL,
        "generated": GENERATED,
        "critic": "#C48FD3",
        "covered": "#35B995",
        "mark": "#8B96A1",
        "run1": "#E6E9EC",
        "run2": "#F27BB0",
        "run3": "#4CC2B1",
        "run4": "#D9B84A",
        "sheet": CRITIC["dark"][128],
        "ink": "#F2F4F6",
        "contour": "#E6E9EC9E",
        "midline": "#FFFFFFE6",
        "arrow": "#F2F4F6CC",
        "uncovered": "#B4BDC6",
        "squeezed": STRETCH["dark"][32],
        "stretched": STRETCH["dark"][224],
        "outline": OUTLINE,
    },
}
# The colours of what is mapped, by the tag of the mapper and the theme.
PALETTES = {
    "critic": CRITIC,
    "stretch": STRETCH,
    "covered": {mode: [tokens["uncovered"], tokens["ink"]] for mode, tokens in TOKENS.items()},
}

# Fonts that the machine has: nothing is fetched.
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
SMALL, BODY, LARGE = 11, 13, 16  # px: ticks and marks; labels and text; headings

# The theme of the models of a figure: a token (of TOKENS), a size in px, or a plain value.
FIGURE_THEME: dict[str, dict[str, str | float | None]] = {
    "Plot": {
        "background_fill_color": None,
        "border_fill_color": None,
        "outline_line_color": None,
    },
    "Axis": {
        "axis_line_color": "line",
        "major_tick_line_color": "line",
        "minor_tick_line_color": None,
        "major_label_text_color": "muted",
        "axis_label_text_color": "text",
    },
    "Grid": {"grid_line_color": "grid"},
}
_TYPE: dict[str, dict[str, Any]] = {
    "Axis": {
        "major_label_text_font": FONT,
        "major_label_text_font_size": f"{SMALL}px",
        "axis_label_text_font": FONT,
        "axis_label_text_font_size": f"{BODY}px",
        "axis_label_text_font_style": "normal",
        "axis_label_standoff": 4,
        "major_label_standoff": 4,
        "major_tick_in": 0,
        "major_tick_out": 4,
    },
}


def colour(value: Any, mode: str) -> Any:
    """The colour that a token stands for; anything else as it is."""
    return TOKENS[mode].get(value, value) if isinstance(value, str) else value


def theme(mode: str) -> Theme:
    """The Bokeh theme, `light` or `dark`."""
    attrs = {name: {key: colour(value, mode) for key, value in style.items()} for name, style in FIGURE_THEME.items()}
    for name, more in _TYPE.items():
        attrs[name] |= more
    return Theme(json={"attrs": attrs})


def css() -> str:
    """The tokens as CSS variables (`--gandyn-text`), for both themes; they reach into every shadow root."""
    fixed = f"--gandyn-font: {FONT}; --gandyn-small: {SMALL}px; --gandyn-body: {BODY}px; --gandyn-large: {LARGE}px;"

    def variables(mode: str) -> str:
        ramp = f"--gandyn-map: linear-gradient(to right, {', '.join(CRITIC[mode][::15])});"
        return " ".join([ramp, *(f"--gandyn-{name}: {value};" for name, value in TOKENS[mode].items())])

    return (
        f":root {{ {fixed} {variables('light')} color-scheme: light; }}\n"
        f':root[data-gandyn-theme="dark"] {{ {variables("dark")} color-scheme: dark; }}\n'
    )
