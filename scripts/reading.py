"""Writes docs/reading.md: every view, its picture, and how to read it.

python -m scripts.reading [VIEWS]   (the page, and the pictures of these views, or of `all`, which needs Chromium)
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from gandyn.presets import PRESETS
from gandyn.ui.studies import STUDIES
from gandyn.ui.views import VIEWS
from scripts.chromium import FLAGS, find
from scripts.pictures import DOCS, PORT, URL, wait_for_server

PAGE, PICTURES = DOCS / "reading.md", DOCS / "reading"
HEAD = """# How to read the views

Made by `python -m scripts.reading` from the declarations in the code; the pictures are of the page itself.

The first ones stand in the page by themselves. Curves stand over the steps; a click on the name of their axis, or
`axis=gradients` in a link, puts them over the gradients that these took, each run at its own cost. Views of choice
are chosen with `views` below the stage, at most two at a time, or by a link (`?views=latent_grid,weights`);
`?view=latent_grid` shows one alone, for a window of its own or a frame in another page, and what is chosen of one
belongs to the link as well (`?view=bifurcation&bifurcation.knob=lr_d`). They are computed beside the training, only
while somebody looks at them, and say the step that they show."""
#: view: the query of its picture, and the step from which on it is taken
OWN_PICTURES: dict[str, tuple[str, int]] = {
    "distance": ("preset=wgan-gp-toy-swiss-roll&steps_per_second=0", 150),
    "bands-sw2": ("preset=collapse&target=spiral&lanes=16&steps_per_second=0", 300),
    "latent_grid": ("preset=ring-wgan-gp&steps_per_second=0", 900),
    "gradient_norms": ("preset=ring-wgan-gp&steps_per_second=0", 600),
    "scorecard": ("preset=collapse&unroll=5&lr_d=0.001&steps_per_second=0", 900),
    "weights": ("preset=ring-wgan-clip&steps_per_second=0", 600),
    "critic_slice": ("preset=ring-wgan-gp&steps_per_second=0", 1200),
    "trajectory": ("preset=rotation&steps_per_second=0", 300),
    "update_ratio": ("preset=rotation&steps_per_second=0", 300),
    "lyapunov": ("preset=rotation&steps_per_second=0", 300),
    "bifurcation": ("preset=quadratic", 0),
    "look_ahead": ("preset=collapse&unroll=5&lr_d=0.001&steps_per_second=0", 300),
}
PICTURED = [*(name for name, view in VIEWS.items() if not view.under), *STUDIES]
MANY = ("preset=collapse&lanes=16&unroll=5&lr_d=0.001&steps_per_second=0", 400)
ELSE = ("preset=collapse&steps_per_second=0", 700)
SIZE = {"width": 620, "height": 560}
COLOURS = 128  # of a picture


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## In the page"]
    for name, view in VIEWS.items():
        parts += [f"### `{name}`: {view.summary}", "" if view.under else _picture(name, view.summary), view.reading]
    parts += ["## Views of choice"]
    for name, study in STUDIES.items():
        parts += [f"### `{name}`: {study.title}", _picture(name, study.title), study.reading, f"Cost: {study.cost}."]
    return "\n\n".join(part for part in parts if part) + "\n"


def _picture(name: str, words: str) -> str:
    return f"![{words}](reading/{name}.png)" if (PICTURES / f"{name}.png").exists() else ""


def picture_of(name: str) -> tuple[str, int]:
    """The query and the step of a view's picture: of its own, or a preset that it has something to show of."""
    if name in OWN_PICTURES:
        return OWN_PICTURES[name]
    if name in VIEWS:
        return MANY if VIEWS[name].many else ELSE
    fitting = [one.name for one in (PRESETS["collapse"], *PRESETS.values()) if not STUDIES[name].unfit(one)]
    return f"preset={fitting[0]}&steps_per_second=0", ELSE[1]


def take(browser: Any, name: str) -> None:
    """The picture of a view, of the page as it stands still at that step or soon after."""
    query, step = picture_of(name)
    study = name in STUDIES
    page: Page = browser.new_page(viewport=SIZE if study else {"width": 1280, "height": 800})
    page.goto(f"{URL}?{query}{f'&view={name}' if study else ''}", wait_until="commit")
    page.wait_for_function(f"window.gandyn?.step > {step}", timeout=300_000)
    page.keyboard.press("Space")
    page.wait_for_timeout(4500)  # the slowest views take two seconds
    where = page.locator(".study" if study else ".stage .plot" if name == "stage" else f'[data-view="{name}"]').first
    picture = Image.open(io.BytesIO(where.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    PICTURES.mkdir(exist_ok=True)
    picture.save(PICTURES / f"{name}.png", optimize=True)
    page.close()


def main(names: list[str]) -> None:
    """The pictures of these views, and the page."""
    if names:
        serve = ["-m", "panel", "serve", "apps/dynamics.py", "--address", "127.0.0.1", "--port", str(PORT)]
        server = subprocess.Popen([sys.executable, *serve], cwd=DOCS.parent)
        try:
            wait_for_server()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
                for name in PICTURED if names == ["all"] else names:
                    take(browser, name)
                browser.close()
        finally:
            server.terminate()
            server.wait(20)
    Path(PAGE).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
