"""What the components of the page have in common: one bundle of JavaScript, made from web/ and committed."""

from typing import Any

from panel.custom import JSComponent

from gandyn.ui.page.assets import UI, text

BUNDLE = UI / "page/bundle/page.js"


def source_hash() -> str:
    """The hash of the sources that a bundle was made from, which its first line ends with."""
    return text("page/bundle/page.js").partition("\n")[0].rpartition(" ")[2]


class Component(JSComponent):
    """A part of the page: what the bundle exports under the name of its class.

    The browser fetches the bundle once, as one module for all components, so that they share what they know of the
    page and its runs. Outside of a server the text itself is sent.
    """

    _bundle = BUNDLE

    @classmethod
    def _render_esm(cls, compiled: Any = True, server: bool = False) -> str:
        """Panel's address of the bundle, with its version: browsers keep one for good, and ask for a new one."""
        esm = super()._render_esm(compiled=compiled, server=server)
        return f"{esm}?v={source_hash()[:12]}" if server else esm
