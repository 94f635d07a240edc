"""Make the pictures of README.md with the laboratory itself: `python -m scripts.pictures [NAMES]` (needs Chromium).

docs/laboratory-light.png and -dark.png: the page; -compare.png: two runs side by side; -many.png: sixteen GANs.
docs/cure.webp: minimax collapses, then a look-ahead of 5 heals it.
"""

import io
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from scripts.chromium import FLAGS, find

DOCS = Path(__file__).parent.parent / "docs"
PORT = 5917
URL = f"http://127.0.0.1:{PORT}/dynamics"
CURE = {"unroll": 5, "lr_d": 1e-3}
COLLAPSED, CURED = 900, 3200  # steps at which the cure is switched on and the picture ends
EVERY = 50  # steps between two pictures of the animation


def wait_for_server() -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5)
            return
        except OSError:  # not there yet, or busy with its first page
            time.sleep(0.5)
    raise SystemExit("the server does not answer")


def step_of(page: Page) -> int:
    return page.evaluate("window.gandyn?.step ?? 0")


def change(page: Page, controls: dict[str, Any]) -> None:
    for name, value in controls.items():
        page.evaluate(f"void (Bokeh.documents[0].get_model_by_name('{name}').value = {value})")


def still(page: Page, path: Path) -> None:
    """A screenshot."""
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, optimize=True)


def cure(page: Page) -> None:
    """The animation, and the stills at its end."""
    page.goto(f"{URL}?steps_per_second=40")
    page.wait_for_function("window.gandyn?.frames > 0", timeout=60_000)
    pictures: list[Image.Image] = []
    switched, wanted = False, 0
    while step_of(page) < CURED:
        if step_of(page) >= wanted:
            pictures.append(
                Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize((960, 600), Image.Resampling.LANCZOS)
            )
            wanted = step_of(page) + EVERY
        if not switched and step_of(page) >= COLLAPSED:
            change(page, CURE)
            switched = True
        time.sleep(0.05)
    durations = [90] * (len(pictures) - 1) + [2500]
    pictures[0].save(
        DOCS / "cure.webp", save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=60, method=6
    )
    still(page, DOCS / "laboratory-light.png")


#: picture: the query of what it shows, the step at which it is taken, the theme
STILLS: dict[str, tuple[str, int, Any]] = {
    "dark": ("preset=ring-wgan-gp&steps_per_second=0", 800, "dark"),
    "compare": ("steps_per_second=0&compare=" + quote("unroll=5 lr_d=0.001"), 1600, "light"),
    "many": ("lanes=16&steps_per_second=0&unroll=5&lr_d=0.001", 1200, "light"),
}


def paused_still(page: Page, name: str, query: str, step: int) -> None:
    """The page at that step or soon after, standing still, so that all of it is painted."""
    page.goto(f"{URL}?{query}")
    page.wait_for_function(f"window.gandyn?.step > {step}", timeout=300_000)
    page.keyboard.press("Space")
    page.wait_for_timeout(1500)
    still(page, DOCS / f"laboratory-{name}.png")


def main() -> None:
    serve = ["-m", "panel", "serve", "apps/dynamics.py", "--address", "127.0.0.1", "--port", str(PORT)]
    server = subprocess.Popen([sys.executable, *serve], cwd=DOCS.parent)
    try:
        wait_for_server()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
            size: Any = {"width": 1280, "height": 800}
            wanted = sys.argv[1:]
            if not wanted or "cure" in wanted:
                cure(browser.new_page(viewport=size))
            for name, (query, step, theme) in STILLS.items():
                if not wanted or name in wanted:
                    paused_still(browser.new_page(viewport=size, color_scheme=theme), name, query, step)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
