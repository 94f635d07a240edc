"""What the components of the page have in common: one bundle of JavaScript, made from web/ and committed."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import msgspec
from panel.custom import JSComponent

from gandyn.ui.page.assets import UI, text

log = logging.getLogger(__name__)

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
    takes: ClassVar[Any] = None  # the messages that it takes from the page, a union of gandyn/ui/messages.py

    def receive(self, message: Any) -> None:
        """One of the messages that it `takes`. ValueError with one line where it cannot be followed."""

    def refuse(self, message: Any, line: str) -> None:
        """Say why a message was not followed; None for one that is no message."""
        log.warning("%s", line)

    def _handle_msg(self, data: Any) -> None:
        message = None
        try:
            message = msgspec.convert(data, self.takes)
            self.receive(message)
        except msgspec.ValidationError as error:
            self.refuse(None, f"The page sent what the server does not take: {error}. Reload the page.")
        except ValueError as error:
            self.refuse(message, str(error))

    @classmethod
    def _render_esm(cls, compiled: Any = True, server: bool = False) -> str:
        """Panel's address of the bundle, with its version: browsers keep one for good, and ask for a new one."""
        esm = super()._render_esm(compiled=compiled, server=server)
        return f"{esm}?v={source_hash()[:12]}" if server else esm
