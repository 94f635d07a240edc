"""How a browser shows the teacher's key: a page that sends what stands after # in its address, and keeps a cookie.

What stands after # is sent by no browser on its own, so that the key is in no log, and in no address of the laboratory.
"""

from __future__ import annotations

import asyncio

from gandyn.ui.classroom.room import room
from gandyn.ui.server.guard import Guarded

ROUTE = "/gandyn/teacher"
COOKIE = "gandyn_teacher"
PAUSE_S = 1.0  # after a wrong key: nobody tries many
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>gandyn</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:1rem system-ui,sans-serif;margin:4rem auto;max-width:28rem;color-scheme:light dark}</style>
<p id="said">One moment …</p>
<script>
const key = decodeURIComponent(location.hash.slice(1)), said = document.getElementById("said")
history.replaceState(null, "", location.pathname)
fetch(location.pathname, {method: "POST", body: key, headers: {"Content-Type": "application/octet-stream"}})
  .then(({ok}) => {
    if (ok) location.replace("../dynamics")
    else said.textContent = "This key does not fit: open the teacher's link that the server has printed, as a whole."
  }, () => { said.textContent = "The server does not answer: open the link again." })
</script></html>
"""


class Teacher(Guarded):
    """GET: the page. POST with the key as the body: the cookie by which the laboratory knows the teacher's browser."""

    def check_xsrf_cookie(self) -> None:
        """The key is a token that no other page has."""

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
