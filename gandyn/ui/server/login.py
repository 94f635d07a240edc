"""Who may open the laboratory that `gandyn serve` serves: a password, Panel's own options, or everybody."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os.path
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from panel.auth import BasicAuthProvider, BasicLoginHandler, LogoutHandler, OAuthProvider, _validate_next_url
from panel.config import config
from panel.io.state import state

from gandyn.ui.server.guard import is_loopback
from gandyn.ui.server.users import users

log = logging.getLogger(__name__)
HOME = "./"  # seen from the login page, also under a prefix
MESSAGES = {
    "wrong": "This name and this password do not fit.",
    "users": "The server cannot read its list of users: nobody is let in until whoever runs it has mended that.",
}
TEMPLATE = Path(__file__).with_name("login.html")
PAUSE_S = 1.0  # after a wrong password: nobody tries many
NEEDED = {
    "oauth_key": "PANEL_OAUTH_KEY",
    "oauth_secret": "PANEL_OAUTH_SECRET",
    "cookie_secret": "PANEL_COOKIE_SECRET",
}


class Entrance(NamedTuple):
    """How the server lets people in: what panel.serve is given, and the password that was made, if one was."""

    options: dict[str, Any]
    generated: str | None = None

    @property
    def line(self) -> str | None:
        """What is to be printed of it."""
        return self.generated and f"The password is {self.generated} (--password names another, --open does without)."


def entrance(address: str, *, password: str | None = None, everybody: bool = False) -> Entrance:
    """What was asked for, by options and by Panel's variables; ValueError with one line where that does not fit.

    An address that other machines reach without any of them: a password is generated, and `generated` is it.
    """
    basic, oauth = config.basic_auth, config.oauth_provider
    wanted = [name for name, given in (("PANEL_BASIC_AUTH", basic), ("PANEL_OAUTH_PROVIDER", oauth)) if given]
    wanted += ["--password"] * (password is not None) + ["--open"] * everybody
    if len(wanted) > 1:
        raise ValueError(f"{' and '.join(wanted)} say different things about who may come in: leave one")
    if password == "":
        raise ValueError("--password needs a password, or leave it out")
    if everybody or (not wanted and is_loopback(address)):
        return Entrance({})
    if oauth:
        return Entrance(_oauth())
    generated = secrets.token_urlsafe(12) if not wanted else None
    return Entrance(_basic(password or generated or _named(basic)), generated)


def _named(basic: Any) -> Any:
    """What PANEL_BASIC_AUTH says: a password, or the file with those of names, which is read once to see what it is."""
    if not isinstance(basic, str):
        return basic
    if os.path.isfile(basic) or basic.endswith(".json"):  # noqa: PTH113  of any text, where Path raises
        users(Path(basic))
        return Path(basic).absolute()  # a password never: not where it is removed, either
    return basic


def _basic(secret: Any) -> dict[str, Any]:
    LoginPage.secret = secret
    provider = Login(login_template=str(TEMPLATE), guest_endpoints=config.oauth_guest_endpoints)
    return {"auth_provider": provider, "cookie_secret": config.cookie_secret or secrets.token_hex(32)}


def _oauth() -> dict[str, Any]:
    missing = [variable for name, variable in NEEDED.items() if not getattr(config, name)]
    if missing:
        raise ValueError(f"PANEL_OAUTH_PROVIDER={config.oauth_provider} needs {', '.join(missing)}, too")
    if key := config.oauth_encryption_key:
        try:
            from cryptography.fernet import Fernet  # pyright: ignore[reportMissingImports]

            state.encryption = Fernet(key)
        except ImportError:
            raise ValueError("PANEL_OAUTH_ENCRYPTION needs the package cryptography") from None
        except ValueError:
            raise ValueError("PANEL_OAUTH_ENCRYPTION is no key: `panel oauth-secret` makes one") from None
    provider = OAuthProvider(guest_endpoints=config.oauth_guest_endpoints)
    return {"auth_provider": provider, "cookie_secret": config.cookie_secret}


def matches(username: str, password: str, secret: str | Mapping[str, str]) -> bool:
    """Whether they let in: `secret` is the password of everybody, or those of names. The time that it takes says
    nothing of how much of it was right.
    """
    known = secret if isinstance(secret, str) else str(secret.get(username, secrets.token_hex(16)))
    return hmac.compare_digest(password.encode(), known.encode())


class LoginPage(BasicLoginHandler):
    """Panel's, with a page that fetches nothing from elsewhere, and passwords compared in constant time.

    Where one wanted to go is kept in a cookie, also over a wrong password.
    """

    secret: Any = None  # of the one server of this process: a password, those of names, or the file with them

    def get(self) -> None:
        """The page."""
        error = self.get_argument("error", "")
        if wanted := _validate_next_url(self.get_argument("next", "" if error else HOME)):
            self.set_cookie("next_url", wanted)
        self.finish(self._login_template.render(login_endpoint=self._login_endpoint, errormessage=MESSAGES.get(error)))

    async def post(self) -> None:  # type: ignore[override]
        """Let in, or not."""
        name, error = self.get_argument("username", ""), "wrong"
        try:
            secret = users(self.secret) if isinstance(self.secret, Path) else self.secret
        except ValueError as reason:
            log.error("nobody is let in: %s", reason)
            secret, error = {}, "users"
        if matches(name, self.get_argument("password", ""), secret):
            self.set_current_user(name)
            self.redirect(_validate_next_url(self.get_cookie("next_url")) or HOME)
            return
        await asyncio.sleep(PAUSE_S)
        self.redirect(f".{self._login_endpoint}?error={error}")


class Login(BasicAuthProvider):
    """Panel's login by a password, with our page."""

    @property
    def login_handler(self) -> type[LoginPage]:
        """The page, with its template."""
        LoginPage._login_endpoint, LoginPage._login_template = self._login_endpoint, self._login_template
        return LoginPage

    @property
    def logout_handler(self) -> type[LogoutHandler]:
        """Back to the login at once: Panel's page fetches its picture from elsewhere."""
        LeavePage._login_endpoint = self._login_endpoint
        return LeavePage


class LeavePage(LogoutHandler):
    """Forgets who is there."""

    def get(self) -> None:
        """To the login."""
        for name in ("user", "id_token", "access_token", "refresh_token", "oauth_expiry", "is_guest"):
            self.clear_cookie(name)
        self.redirect("." + self._login_endpoint)
