"""The committed bundle of the page's JavaScript: made from what stands in web/, and for the installed Bokeh."""

import hashlib
import re
from pathlib import Path

import bokeh
import pytest

from gandyn.ui.compare.many import Many
from gandyn.ui.compare.stages import Stages
from gandyn.ui.controls.controls import Controls
from gandyn.ui.page.assets import UI, text
from gandyn.ui.page.component import BUNDLE, Component, source_hash
from gandyn.ui.page.feed import Feed
from gandyn.ui.page.page import Page
from gandyn.ui.time.timebar import TimeBar
from gandyn.ui.time.transport import Transport
from gandyn.ui.views.key import Key
from scripts.page_types import FILES, page_types

WEB = Path(__file__).parents[2] / "web"


def test_the_bundles_are_banner_the_sources_as_they_are():
    """The hash of web/build.mjs, written here once more."""
    names = [path.relative_to(WEB).as_posix() for path in (WEB / "src").rglob("*.ts")]
    digest = hashlib.sha256()
    for name in sorted([*names, "build.mjs", "package-lock.json", "package.json"]):
        digest.update(f"{name}\0{(WEB / name).read_text(encoding='utf-8')}\0".encode())
    for bundle in ("page.js", "first.js", "report.js"):
        banner = text(f"page/bundle/{bundle}").partition("\n")[0]
        assert banner.endswith(digest.hexdigest()), f"{bundle} is stale: `make web`"


@pytest.mark.parametrize("file", FILES)
def test_the_types_of_frames_and_messages_in_the_page_are_those_of_python(file):
    assert (WEB / "src" / file).read_text(encoding="utf-8") == page_types(file), "`make web` makes it anew"


def test_the_private_parts_of_bokeh_are_those_of_the_installed_version():
    named = re.search(r'BOKEH = "(.+?)"', (WEB / "src" / "bokeh" / "bokeh_private.ts").read_text(encoding="utf-8"))
    installed = ".".join(bokeh.__version__.split(".")[:2])
    assert named and named[1] == installed, "go through web/src/bokeh/bokeh_private.ts with the sources of this Bokeh"


@pytest.mark.parametrize("component", [Controls, Feed, Key, Many, Page, Stages, TimeBar, Transport])
def test_every_component_is_in_the_one_bundle(component):
    assert re.search(rf"\b{component.__name__}:", text("page/bundle/page.js").rpartition("export{")[0][-500:])
    version = source_hash()[:12]
    assert component._render_esm(server=True) == (
        f"./components/{Component.__module__}/Component/_bundle_path/bundle/page.js?v={version}"
    )


def test_outside_of_a_server_the_text_goes_along():
    assert Feed._render_esm().startswith("// Made from web/")


def test_the_bundle_lies_in_the_package():
    assert BUNDLE.is_relative_to(UI)
