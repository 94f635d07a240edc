"""The route by which a page learns why a socket did not open, which browsers do not say: 403, 404 or 200."""

from __future__ import annotations

from gandyn.ui.server.guard import Guarded
from gandyn.ui.server.on_air import ON_AIR

ROUTE = "/gandyn/reach"


class Reach(Guarded):
    """POST of a form with `run`: browsers say the origin of a POST, and no log has what is in it."""

    def check_xsrf_cookie(self) -> None:
        """It changes nothing."""

    def post(self) -> None:
        """200: it is on the air, and this page may see it; 404: it is not."""
        self.set_status(200 if self.get_body_argument("run", "") in ON_AIR else 404)
        self.finish()
