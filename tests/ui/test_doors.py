"""Where a login comes first: everybody comes to where they wanted to go, also under a prefix."""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.ui.conftest import Lab
from tests.ui.serving import serving
from tests.ui.test_classroom_browser import value

KEY, PASSWORD = "correct horse", "open sesame"
SECRETS = {"PANEL_BASIC_AUTH": PASSWORD, "PANEL_COOKIE_SECRET": "c" * 40}


@pytest.mark.parametrize("prefix", ["", "/lab"])
@pytest.mark.parametrize("way", ["/gandyn/admin", "/dynamics"])
def test_a_page_leads_to_the_login_and_after_it_back_to_itself(prefix, way):
    """Also over a wrong password; where nothing was asked for the login leads to the laboratory."""
    options = ["--prefix", prefix] if prefix else []
    with serving(["gandyn", "serve", *options], **SECRETS) as (url, log):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

        def log_in(password: str) -> urllib.parse.SplitResult:
            form = urllib.parse.urlencode({"username": "ann", "password": password}).encode()
            with browser.open(f"{url}{prefix}/login", form, timeout=30) as answer:
                return urllib.parse.urlsplit(answer.url)

        with browser.open(f"{url}{prefix}{way}", timeout=30) as answer:
            assert urllib.parse.urlsplit(answer.url).path == f"{prefix}/login" and b"password" in answer.read()
        assert log_in("wrong").path == f"{prefix}/login"
        assert log_in(PASSWORD).path == prefix + way
        browser.open(f"{url}{prefix}/login", timeout=30).close()
        assert log_in(PASSWORD).path == f"{prefix}/dynamics"
    assert "Traceback" not in log[0] and PASSWORD not in log[0]


class Guest(Lab):
    """Somebody who logs in."""

    def enter(self) -> None:
        self.page.get_by_label("password").fill(PASSWORD)
        self.page.get_by_role("button").click()


class Teacher(Guest):
    """Who begins with the teacher's link."""

    door = f"/gandyn/teacher#{urllib.parse.quote(KEY)}"

    def enter(self) -> None:
        self.page.wait_for_url("**/login?*")
        assert not self.js("location.hash")
        super().enter()
        self.page.wait_for_url("**/dynamics*")


@pytest.mark.browser
def test_a_class_behind_a_password_and_a_prefix(browser):
    """The teacher's link leads over the login, which knows no key, to the teacher's page; what is locked is locked."""
    command = ["gandyn", "serve", "--classroom", "--key", KEY, "--prefix", "/lab"]
    with serving(command, **SECRETS) as (url, log):
        teacher, viewer, owner = (kind(browser, f"{url}/lab") for kind in (Teacher, Guest, Guest))
        teacher.page.get_by_text("2 watching, 0 own runs").wait_for()
        assert teacher.js("sessionStorage.getItem('gandyn-teacher')") is None
        owner.page.locator("[data-do=branch]").click()
        owner.page.wait_for_url("**own=1*")
        owner.wait("window.gandyn && window.gandyn.frames > 0", 60)
        teacher.page.locator("[data-do=class]").click()
        teacher.page.locator("[name=locked-lr_d]").check()
        owner.wait("Bokeh.documents[0].get_model_by_name('lr_d').locked !== ''")
        owner.set("lr_d", 0.125)
        owner.wait("Bokeh.documents[0].get_model_by_name('lr_d').error !== ''")
        teacher.page.locator("[name=locked-preset]").check()
        owner.page.locator("select[name=preset]:disabled").wait_for()
        teacher.page.locator("[name=hidden-lanes]").check()
        owner.page.locator("select[name=lanes]").wait_for(state="hidden")
        assert not teacher.page.locator("[name=preset-lanes]").count()
        before = viewer.js("window.gandyn.step")
        viewer.wait(f"window.gandyn.step > {before}")
        assert value(owner, "lr_d") == value(viewer, "lr_d") == value(teacher, "lr_d")
        assert not [line for lab in (teacher, viewer, owner) for line in lab.problems if "401" not in line]
        for lab in (teacher, viewer, owner):
            lab.close()
    for secret in (KEY, urllib.parse.quote(KEY), PASSWORD):
        assert secret not in log[0].replace(f"/gandyn/teacher#{urllib.parse.quote(KEY)}", "", 1)
