"""Several processes behind the real nginx, as deploy/nginx.conf has it: TLS, a sub-path, sessions that stay."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.sessions import Session
from tests.ui.conftest import free_port

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")

pytestmark = [
    pytest.mark.slow,
    # The client of this test leaves with messages on their way, as a browser does.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.skipif(NGINX is None or shutil.which("openssl") is None, reason="nginx or openssl is not installed"),
]


def shipped(folder: Path, port: int, processes: list[int]) -> Path:
    """deploy/nginx.conf with ports, certificate and logs of this test."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "lab.example.org": "localhost",
        "/etc/ssl/certs/lab.pem": str(folder / "lab.pem"),
        "/etc/ssl/private/lab.key": str(folder / "lab.key"),
        "/var/log/nginx/gandyn.log": str(folder / "access.log"),
        "127.0.0.1:5007": f"127.0.0.1:{processes[0]}",
        "127.0.0.1:5008": f"127.0.0.1:{processes[1]}",
        "worker_processes 1;": f"worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """(the port of nginx, the folder of its logs)."""
    folder = tmp_path_factory.mktemp("nginx")
    port, *processes = (free_port() for _ in range(3))
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {folder}/lab.key"
    subprocess.run([*command.split(), "-out", f"{folder}/lab.pem"], check=True, capture_output=True)
    serve = [sys.executable, "-m", "gandyn", "serve", "--prefix", "/lab", "--use-xheaders"]
    origin = ["--allow-websocket-origin", f"localhost:{port}"]
    with (folder / "out").open("w") as out:
        started = [subprocess.Popen([*serve, *origin, "--port", str(one)], stdout=out, stderr=out) for one in processes]
        started.append(
            subprocess.Popen([str(NGINX), "-c", str(shipped(folder, port, processes))], stdout=out, stderr=out)
        )
    try:
        for one in processes:
            _wait(f"http://127.0.0.1:{one}/lab/dynamics")
        yield port, folder
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _wait(url: str, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=30).read()
            return
        except OSError:
            assert time.monotonic() < end, f"{url} does not answer"
            time.sleep(0.2)


async def place(port: int) -> str:
    """Open a page as a browser does, up to its first frame; the cookie that says where it is."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    session = Session(f"https://localhost:{port}/lab", trusting)
    await session.open()
    assert session.frames and session.bytes > 100
    await session.close()
    return session.cookies["gandyn_place"]


def test_sessions_work_through_tls_and_a_sub_path_and_stay_on_their_process(address):
    port, folder = address

    async def several() -> list[str]:
        return [await asyncio.wait_for(place(port), 60) for _ in range(10)]

    with ThreadPoolExecutor(1) as aside:  # where browser tests ran before, this thread has a loop
        places = aside.submit(lambda: asyncio.run(several())).result()
    assert len(set(places)) == len(places)
    lines = [line.split() for line in (folder / "access.log").read_text().splitlines()]
    pages = [line[-1] for line in lines if line[-3] == "/lab/dynamics"]
    assert len(pages) == len(places) and len(set(pages)) == 2, "both processes have some of them"
    assert "run=" not in (folder / "access.log").read_text()
