"""Colours of what a picture means, the same in the laboratory and in what a run leaves on disk.

Real blue, generated vermilion (Okabe and Ito, told apart by every common kind of colour vision), the critic from purple
(taken for generated) to green (taken for real).
"""

REAL = "#0072B2"  # circles
GENERATED = "#D55E00"  # triangles
OUTLINE = "#FFFFFF"  # of both, so that neighbours stay apart on any ground
INK = "#1F2328"  # lines on data space, on a light ground

# On a light page. Every text colour has a contrast of at least 4.5:1 on page and surface, every curve at least 3:1.
LIGHT = {
    "page": "#F4F5F7",
    "surface": "#FFFFFF",
    "text": "#1F2328",
    "muted": "#57606A",
    "line": "#8C959F",
    "grid": "#E7EAED",
    "accent": "#0067A3",
    "warning": "#A33A00",
    "real": REAL,
    "generated": GENERATED,
    "critic": "#762A83",
    "covered": "#00795C",
    "mark": "#6E7781",
    # the runs of a comparison
    "run1": "#1F2328",
    "run2": "#B0306A",
    "run3": "#00796B",
    "run4": "#8A6A00",
}
