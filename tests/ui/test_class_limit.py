"""A class on a server that is full."""

import asyncio
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.sessions import Session
from gandyn.ui.server import admission
from tests.ui.serving import serving

KEY = "correct horse"


def ask(url: str, cookie: str = "", query: str = "") -> None:
    """For the page; HTTPError where there is none."""
    request = urllib.request.Request(f"{url}/dynamics{query}", headers={"Cookie": cookie})
    urllib.request.urlopen(request, timeout=30).close()


def teacher(url: str) -> str:
    """The cookie of the teacher's browser."""
    request = urllib.request.Request(f"{url}/gandyn/teacher", data=KEY.encode(), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_full_class_is_closed_to_all_but_the_teacher():
    """Whoever looks on fills it as whoever has a run; programs are told by the status."""

    async def fill(url: str) -> None:
        pages = [Session(url, query="own=1"), Session(url)]
        for one in pages:
            await asyncio.wait_for(one.open(), 60)
        await asyncio.get_running_loop().run_in_executor(None, look, url)
        for one in pages:
            await one.close()

    def look(url: str) -> None:
        for wanted in ("", "?own=1"):
            with pytest.raises(urllib.error.HTTPError, match="503") as refused:
                ask(url, query=wanted)
            assert refused.value.headers["Retry-After"] == str(admission.AGAIN_S)
            refused.value.close()
        key = teacher(url)
        for _ in range(3):
            ask(url, key)

    with (
        serving(["gandyn", "serve", "--classroom", "--key", KEY, "--max-sessions", "2"]) as (url, log),
        ThreadPoolExecutor(1) as aside,  # where browser tests ran before, this thread has a loop
    ):
        aside.submit(lambda: asyncio.run(fill(url))).result()
    assert "Traceback" not in log[0]
