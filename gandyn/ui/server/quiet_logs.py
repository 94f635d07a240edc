"""Logs without what lets somebody in: ids of runs and sessions, tokens, and the keys of files."""

from __future__ import annotations

import logging
import re

NAMES = re.compile(r"(?<=[?&])(run|key|code|state|bokeh-(?:session-id|token)|password)=[^&\s'\"]+", re.IGNORECASE)
IDS = re.compile(r"\b[A-Za-z0-9]{44}(?:[.][\w-]+)?|\beyJ[\w.-]{20,}")  # Bokeh's sessions; tokens, base64 of `{"`
LOGGERS = (
    "tornado.access", "tornado.general", "tornado.application", "bokeh.server.views.ws", "bokeh.server.contexts",
    "bokeh.server.views.session_handler", "bokeh.server.protocol_handler", "panel.io.server",
)  # fmt: skip


def without_ids(text: str) -> str:
    """The line with `...` in place of each."""
    return IDS.sub("...", NAMES.sub(r"\1=...", text))


class WithoutIds(logging.Filter):
    """Of a logger: every record is written without them, to whatever handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it pass, changed where it has to be."""
        text = record.getMessage()
        if (quiet := without_ids(text)) != text:
            record.msg, record.args = quiet, ()
        return True


def install() -> None:
    """For all that Tornado, Bokeh and Panel say of requests; again: nothing."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, WithoutIds) for one in logger.filters):
            logger.addFilter(WithoutIds())
