"""How a browser shows the teacher's key: a page that sends what stands after # in its address, and keeps a cookie.

What stands after # is sent by no browser on its own, so that the key is in no log, and in no address of the laboratory.
Where a login comes first the browser's tab keeps it meanwhile.
"""

from __future__ import annotations

import asyncio

from tornado.web import HTTPError

from gandyn.ui.classroom.room import room
from gandyn.ui.server import links
from gandyn.ui.server.guard import Guarded

ROUTE = links.TEACHER
COOKIE = "gandyn_teacher"
PAUSE_S = 1.0  # after a wrong key: nobody tries many
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>gandyn</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:1rem system-ui,sans-serif;margin:4rem auto;max-width:28rem;color-scheme:light dark}</style>
<p id="said">One moment …</p>
<script>
const KEPT = "gandyn-teacher", said = document.getElementById("said"), shown = location.hash.slice(1)
history.replaceState(null, "", location.pathname)
if (shown) sessionStorage.setItem(KEPT, shown)
let key = shown || sessionStorage.getItem(KEPT) || ""
try { key = decodeURIComponent(key) } catch { /* one that was changed by hand */ }
fetch(location.pathname, {method: "POST", body: key, headers: {"Content-Type": "application/octet-stream"}})
  .then(async (answer) => {
    if (answer.status === 401) { // the tab keeps the key until it comes back
      location.replace(await answer.text())
      return
    }
    sessionStorage.removeItem(KEPT)
    if (answer.ok) location.replace("../dynamics")
    else said.textContent = "This key does not fit: open the teacher's link that the server has printed, as a whole."
  }, () => { said.textContent = "The server does not answer: open the link again." })
</script></html>
"""


class Teacher(Guarded):
    """GET: the page, which says nothing of the server. POST with the key as the body: the cookie by which the
    laboratory knows the teacher's browser; 401 and the way to the login for whom that has not let in.
    """

    def check_xsrf_cookie(self) -> None:
        """The key is a token that no other page has."""

    def turn_away(self) -> None:
        """The page alone is for everybody: the login would lose the key, which no browser sends."""
        if self.request.method == "GET":
            return
        if (page := self.login_page()) is None:
            raise HTTPError(403)
        self.set_status(401)
        self.finish(page)

    def get(self) -> None:
        """404 without a class."""
        if room() is None:
            self.send_error(404)
            return
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.finish(PAGE)

    async def post(self) -> None:
        """403 for another key."""
        classroom = room()
        if classroom is None:
            self.send_error(404)
            return
        if not classroom.is_key(self.request.body[:1000].decode("utf-8", "replace")):
            await asyncio.sleep(PAUSE_S)
            self.send_error(403)
            return
        secure = self.request.protocol == "https"
        self.set_cookie(COOKIE, classroom.pass_, httponly=True, samesite="Lax", secure=secure, path="/")
        self.finish("ok")
