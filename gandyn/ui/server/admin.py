"""The page that says what this server does, and for whom: behind its login, without the ids by which runs are found."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from panel.config import config
from tornado.web import HTTPError

from gandyn.core.bounds import MEGABYTE
from gandyn.live.broadcast import Broadcast
from gandyn.live.stepper import LONG
from gandyn.ui.processes.share import share
from gandyn.ui.server.guard import Guarded
from gandyn.ui.server.limits import limits
from gandyn.ui.server.memory import memory
from gandyn.ui.server.on_air import ON_AIR, WATCHED, sessions

ROUTE, DATA = "/gandyn/admin", "/gandyn/admin.json"
PAGE = Path(__file__).with_name("admin.html").read_bytes()


def state(broadcast: Broadcast) -> str:
    """Whether its runs train, and if not, why."""
    if not broadcast.playing:
        notice = broadcast.notice
        return "paused" if notice is None else f"paused: {notice.text}"
    if not broadcast.watched():
        return "stands still: nobody watches"
    if broadcast.seeking is not None:
        return f"goes back to step {broadcast.seeking}"
    return "trains, in the thread of long steps" if broadcast.longest_step() > LONG else "trains"


def row(broadcast: Broadcast) -> dict[str, Any]:
    """What is known of a session: rates in 1/s, the past of its runs in MB, `frames` counted from its beginning."""
    runs = broadcast.runs
    return {
        "presets": [broadcast.experiment(run).name for run in runs],
        "lanes": runs[0].lanes or 1,
        "state": state(broadcast),
        "step": runs[0].state.step,
        "steps_per_s": broadcast.rate,
        "wanted_steps_per_s": broadcast.speed or None,
        "frames": broadcast.frames.get()[0],
        "viewers": len(broadcast.viewers),
        "present": sum(viewer.present() for viewer in list(broadcast.viewers)),
        "past_mb": sum(run.timeline.kept.used for run in (*runs, *broadcast.aside)) / MEGABYTE,
    }


def overview(documents: int) -> dict[str, Any]:
    """This process of the server and its sessions, as they were opened; `at` is in seconds, of a clock of its own.

    `documents`: the pages that the server holds, also those that nobody has opened yet.
    """
    broadcasts = dict.fromkeys([*ON_AIR.values(), *WATCHED.values()])
    return {
        "at": time.monotonic(),
        "process": share().index,
        "processes": share().count,
        "sessions": sessions(),
        "documents": documents,
        "memory_mb": memory(),
        "threads": threading.active_count(),
        "limits": asdict(limits()),
        "runs": [row(broadcast) for broadcast in broadcasts],
    }


class OfServer(Guarded):
    """A page of the server's own: whoever is a guest sees the laboratory, and not this."""

    async def prepare(self) -> None:
        """Also a guest, whom Panel's logins take for a user, is turned away: without the cookie that a login sets."""
        await super().prepare()
        application: Any = self.application
        guests = hasattr(application.auth_provider, "_allow_guest")
        if not self._finished and guests and not self.get_signed_cookie("user", max_age_days=config.oauth_expiry):
            self.turn_away()

    def _open_to_guests(self) -> bool:
        return False

    def set_default_headers(self) -> None:
        """It is of this moment, and loads nothing from elsewhere."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")


class AdminData(OfServer):
    """The overview, as JSON."""

    def get(self) -> None:
        """One object."""
        application: Any = self.application
        paths = application.app_paths
        self.finish(overview(sum(len(application.get_sessions(path)) for path in paths)))


class Admin(OfServer):
    """The page, which asks for the overview every two seconds."""

    def turn_away(self) -> None:
        """To the login."""
        if (page := self.login_page()) is None:
            raise HTTPError(403)
        self.redirect(page)

    def get(self) -> None:
        """HTML."""
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; "
                        "script-src 'unsafe-inline'; connect-src 'self'; img-src data:")  # fmt: skip
        self.finish(PAGE)
