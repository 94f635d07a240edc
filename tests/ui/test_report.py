"""The report: one file that plays the recorded frames back, without a server and without a network."""

import base64
import json
import re
import zlib

import pytest

import gandyn
from gandyn.live.recording import copied, record
from gandyn.ui.messages import ExportProgress
from gandyn.ui.share.report import check, described, report
from tests.live.test_run import small
from tests.live.test_stepper import until
from tests.ui.test_comparison import go
from tests.ui.test_exports import Page
from tests.ui.test_save import one_thread, opened  # noqa: F401  torch's threads are put back


def data_of(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def written(*runs: gandyn.Run) -> tuple[str, list[bytes]]:
    """(the file, the frames that were recorded)."""
    about = described(runs)
    recording = record(copied(runs), max(run.state.step for run in runs), lambda done, of: None)
    return report(recording, about).decode(), recording.frames


def run_of(steps: int = 30, **controls) -> gandyn.Run:
    run = gandyn.Run(small(**controls), measured=True)
    run.advance(steps // 2)
    run.set(unroll=1, lr_d=2e-3)
    run.advance(steps - steps // 2)
    return run


def test_it_holds_the_frames_byte_by_byte_and_what_was_done():
    run = run_of(30, seed=4)
    html, frames = written(run)
    data = data_of(html)
    assert [zlib.decompress(base64.b64decode(one)) for one in data["frames"]] == frames
    assert data["steps"] == list(range(31)) and data["preset"] == "collapse"
    assert data["axis"] == "steps" and described([run], "gradients")["axis"] == "gradients"
    (one,) = data["runs"]
    assert one["events"] == [{"step": 15, "controls": {"unroll": 1, "lr_d": 2e-3}}]
    assert one["controls"]["seed"] == 4 and one["seeds"] == [4]
    assert {"seed", "generator.widths"} <= set(one["changed"]) and "unroll" not in one["changed"]


def test_nothing_in_it_is_fetched_and_nothing_ends_it_early():
    html, _ = written(run_of())
    assert "default-src 'none'" in html
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", html) and "@import" not in html and "url(http" not in html
    assert html.count("<script") == html.count("</script>") == 2 and html.rstrip().endswith("</html>")


def test_what_is_no_number_is_none():
    run = gandyn.Run(small(objective="least-squares", optimizer_d="sgd", lr_d=100, optimizer_g="sgd"), measured=True)
    with pytest.raises(ArithmeticError):
        run.advance(300)
    html, frames = written(run)
    assert len(data_of(html)["frames"]) == len(frames) > 1


def test_images_are_refused_with_one_line():
    with pytest.raises(ValueError, match="points in the plane") as error:
        check([gandyn.preset("mnist-mlp")])
    assert "\n" not in str(error.value)


def test_the_page_asks_for_it_and_the_run_stands_where_it_stood():
    session = opened()
    go(session, 12)
    session.compare({"unroll": 2}, here=True)
    go(session, 8)
    states = [run.state for run in session.runs]
    page = Page(session)
    parcel = page.file("html")
    assert parcel.name == "gandyn-collapse-20.html"
    data = data_of(parcel.content.decode())
    assert data["steps"] == list(range(21)) and [run["differs"] for run in data["runs"]] == ["k 0", "k 2"]
    assert [run.state for run in session.runs] == states
    assert [one.done for one in page.news if isinstance(one, ExportProgress)][:22] == list(range(22))


def test_movies_of_the_page(tmp_path):
    session = opened()
    go(session, 6)
    for kind in ("webp", "gif"):
        parcel = Page(session).file(kind)
        assert parcel.name == f"gandyn-collapse-6.{kind}" and len(parcel.content) > 2_000


def test_mp4_without_its_extra_is_one_line(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ValueError, match=r"pip install 'gandyn\[video\]'"):
        Page(opened()).ask("mp4")


@pytest.mark.browser
@pytest.mark.parametrize("count", [1, 2])
def test_it_plays_scrubs_and_asks_nobody(browser, tmp_path, count):
    runs = [run_of(60, seed=seed) for seed in range(count)]
    html, _ = written(*runs)
    file = tmp_path / "report.html"
    file.write_text(html)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page, problems, asked = context.new_page(), [], []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector(".report[data-step]")

    def step() -> int:
        return int(page.get_attribute(".report", "data-step"))

    def pixels(place: int = 0) -> str:
        return page.locator("canvas.stage").nth(place).evaluate("(node) => node.toDataURL()")

    first = pixels()
    assert step() == 0 and page.locator("canvas.stage").count() == count
    page.keyboard.press("ArrowRight")
    assert step() == 1 and pixels() != first
    page.keyboard.press("ArrowLeft")
    assert step() == 0 and pixels() == first, "the same frame is the same picture"
    page.locator("input[type=range]").fill("42")
    assert step() == 42 and page.locator("output").inner_text() == "step 42 of 60"
    page.locator("input[type=range]").press("ArrowRight")
    assert step() == 43
    page.get_by_role("button", name="step 30").first.click()
    assert step() == 30 and page.locator(".events").inner_text().startswith("step 30")
    chart = page.locator("canvas.chart").first.bounding_box()
    page.mouse.click(chart["x"] + 0.8 * chart["width"], chart["y"] + chart["height"] / 2)
    assert 40 < step() < 60
    page.get_by_role("button", name="play").click()
    until(lambda: step() == 60, 20)
    page.get_by_role("button", name="play").wait_for()
    assert count == 1 or pixels(0) != pixels(1)
    assert page.locator("canvas.stage").first.get_attribute("aria-label").startswith("step 60: ")
    assert problems == [] and asked == [file.as_uri()]
    context.close()
