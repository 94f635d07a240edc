"""The file of names and passwords: what is wrong with it is one line, and lets nobody in."""

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

from gandyn.cli import main
from gandyn.ui.server import login
from gandyn.ui.server.users import LARGEST, users
from tests.ui.serving import serving
from tests.ui.test_security import no_login  # noqa: F401  a fixture

GOOD = {"ann": "1", "bob": "2"}
DAMAGED = {
    "not JSON": (b"ann: 1", "is no JSON object"), "empty": (b"", "is no JSON object"),
    "cut": (b'{"ann": "1"', "is no JSON object"), "list": (b'["ann", "1"]', "is no JSON object"),
    "null": (b"null", "is no JSON object"), "number": (b'{"ann": 1}', "is no JSON object"),
    "nested": (b'{"ann": {"password": "1"}}', "is no JSON object"), "no name": (b"{}", "has no name"),
    "no password": (b'{"ann": "1", "bob": ""}', "no password for 'bob'"),
    "deep": (b"[" * 100_000, "is no JSON object"), "bytes": (b"\xff\xfe\x00", "is no JSON object"),
    "long": (b" " * (LARGEST + 1), "more than"), "half a letter": (b'{"ann": "\xc3"}', "is no JSON object"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_of_users_is_one_line_at_the_start(no_login, tmp_path, capsys, kind):  # noqa: F811
    raw, said = DAMAGED[kind]
    (tmp_path / "users").write_bytes(raw)
    no_login.setenv("PANEL_BASIC_AUTH", str(tmp_path / "users"))
    assert main(["serve"]) == 2
    line = capsys.readouterr().err
    assert said in line and str(tmp_path / "users") in line and line.count("\n") == 1 and len(line) < 500


def test_a_file_of_users_that_is_not_there_is_no_password(no_login, tmp_path, capsys):  # noqa: F811
    no_login.setenv("PANEL_BASIC_AUTH", str(tmp_path / "users.json"))
    assert main(["serve"]) == 2 and "No such file" in capsys.readouterr().err
    (tmp_path / "users.json").mkdir()
    assert main(["serve"]) == 2 and "Is a directory" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may read everything is refused nothing")
def test_a_file_of_users_that_may_not_be_read_is_one_line(no_login, tmp_path, capsys):  # noqa: F811
    (tmp_path / "users").write_text(json.dumps(GOOD))
    (tmp_path / "users").chmod(0)
    no_login.setenv("PANEL_BASIC_AUTH", str(tmp_path / "users"))
    assert main(["serve"]) == 2 and "Permission denied" in capsys.readouterr().err


def test_a_file_of_users_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "users").write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert users(tmp_path / "users") == GOOD


def test_a_password_may_be_called_as_a_file_is(no_login, tmp_path, monkeypatch):  # noqa: F811
    (tmp_path / "users").write_text(json.dumps(GOOD))
    monkeypatch.chdir(tmp_path)
    login.entrance("127.0.0.1", password="users")
    assert login.LoginPage.secret == "users"


def test_a_file_of_users_that_breaks_while_the_server_runs_lets_nobody_in(tmp_path):
    """Neither by what it said before nor by its own name; what is wrong is a line, and may be mended at once."""
    file = tmp_path / "users"
    file.write_text(json.dumps(GOOD))
    with serving(["gandyn", "serve"], PANEL_BASIC_AUTH=str(file), PANEL_COOKIE_SECRET="c" * 40) as (url, log):

        def log_in(name: str, password: str) -> str:
            form = urllib.parse.urlencode({"username": name, "password": password}).encode()
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with browser.open(f"{url}/login", form, timeout=30) as answer:
                return answer.read().decode()

        assert "data-root-id" in log_in("ann", "1")
        for raw in (b"{", b'{"ann": 1}', None):
            file.unlink()
            if raw is not None:
                file.write_bytes(raw)
            for name, password in (("ann", "1"), ("guest", str(file))):
                page = log_in(name, password)
                assert "cannot read its list of users" in page and "data-root-id" not in page
        file.write_text(json.dumps({"ann": "3"}))
        assert "do not fit" in log_in("ann", "1") and "data-root-id" in log_in("ann", "3")
    assert "Traceback" not in log[0] and len(re.findall(r"nobody is let in: .*\n", log[0])) == 6
