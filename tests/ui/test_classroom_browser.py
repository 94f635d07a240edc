"""A teacher and two students in a browser."""

import sys
import urllib.error
import urllib.request

import pytest

from tests.ui.conftest import Lab, Server, free_port

pytestmark = pytest.mark.browser
KEY = "correct horse"


class Door(Lab):
    """A page that goes through the teacher's link."""

    def __init__(self, browser, url: str) -> None:
        super().__init__(browser, url)
        self.page.goto(f"{url}/gandyn/teacher#{KEY}")
        self.page.wait_for_url("**/dynamics*")
        self.wait("window.gandyn && window.gandyn.frames > 0", 60)


@pytest.fixture
def class_server(tmp_path):
    port = free_port()
    running = Server([sys.executable, "-m", "tests.ui.class_server", str(port), KEY], port, tmp_path / "log")
    yield running
    running.stop()


def value(lab: Lab, name: str):
    return lab.js(f"Bokeh.documents[0].get_model_by_name('{name}')?.value")


def test_a_teacher_and_two_students(browser, class_server):
    teacher, one, two = Door(browser, class_server.url), *(Lab(browser, class_server.url) for _ in range(2))
    assert len(class_server.stats()["runs"]) == 1  # of the class, for all three
    assert "key" not in teacher.page.url and KEY not in class_server.log()
    teacher.page.get_by_text("2 watching, 0 own runs").wait_for()

    one.set("lr_d", 0.5)
    one.page.keyboard.press("r")
    one.page.get_by_text("the teacher steers the class").wait_for(state="attached")
    assert value(teacher, "lr_d") == 5e-4 and teacher.js("window.gandyn.step") > 0

    one.page.locator("[data-do=branch]").click()
    one.page.wait_for_url("**own=1*")
    one.wait("window.gandyn && window.gandyn.frames > 0", 60)
    one.set("lr_d", 0.25)
    teacher.page.get_by_text("1 watching, 1 own run").wait_for()
    one.page.wait_for_timeout(500)
    assert value(one, "lr_d") == 0.25 and value(teacher, "lr_d") == value(two, "lr_d") == 5e-4

    teacher.page.locator("[data-do=class]").click()
    teacher.page.locator("[name=locked-lr_d]").check()
    one.wait("Bokeh.documents[0].get_model_by_name('lr_d').locked !== ''")
    one.set("lr_d", 0.125)
    one.wait("Bokeh.documents[0].get_model_by_name('lr_d').error !== ''")
    assert value(one, "lr_d") == 0.25
    teacher.page.locator("[data-do=push]").click()
    one.wait("Bokeh.documents[0].get_model_by_name('lr_d').value === 5e-4")

    one.page.locator("[data-do=back-to-class]").click()
    one.page.wait_for_url("**/dynamics")
    one.wait("window.gandyn && window.gandyn.frames > 0", 60)
    teacher.page.locator("[data-do=sweep]").click()
    two.page.locator("[name=knob]").wait_for()
    two.page.locator("[name=knob]").fill("0.002")
    two.page.locator("[name=knob]").press("Enter")
    teacher.page.get_by_text("0.002").first.wait_for(state="attached")
    assert not [line for lab in (teacher, one, two) for line in lab.problems]
    for lab in (teacher, one, two):
        lab.close()


def test_a_wrong_key_lets_nobody_in(class_server):
    request = urllib.request.Request(f"{class_server.url}/gandyn/teacher", data=b"wrong key", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(request, timeout=10)
    assert "Set-Cookie" not in refused.value.headers
    refused.value.close()
