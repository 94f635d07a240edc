"""The links that a server prints, and what is refused before it serves."""

import errno
import ipaddress
import re
import socket
import urllib.error
import urllib.request

import pytest

from gandyn.cli import main
from gandyn.cli import serving as command
from gandyn.ui.server import links, listening
from tests.ui.conftest import free_port
from tests.ui.serving import serving

OWN = ["192.168.1.7", "10.0.0.5", "192.168.1.7", "127.0.1.1", "169.254.3.3", "fe80::1", "2001:db8:1::7", "::1"]


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("0.0.0.0", ["192.168.1.7", "10.0.0.5"]), ("::", ["[2001:db8:1::7]"]),
        ("", ["192.168.1.7", "10.0.0.5", "[2001:db8:1::7]"]), ("192.168.1.7", ["192.168.1.7"]),
        ("lab.local", ["lab.local"]), ("fd00::2", ["[fd00::2]"]), ("127.0.0.1", ["localhost"]), ("::1", ["[::1]"]),
        ("localhost", ["localhost"]),
    ],
)  # fmt: skip
def test_a_server_prints_a_link_for_each_address_that_others_reach(monkeypatch, address, hosts):
    monkeypatch.setattr(links, "_own", lambda: OWN)
    local = [links.ALONE] if "localhost" in hosts or "[::1]" in hosts else []
    assert (
        links.lines(address, 5006, "") == [f"The laboratory:     http://{one}:5006/dynamics" for one in hosts] + local
    )
    said = links.lines(address, 5006, "lab/", "my key#1")
    assert [line.split()[-1] for line in said[: 2 * len(hosts)]] == [
        f"http://{one}:5006/lab/{way}" for one in hosts for way in ("dynamics", "gandyn/teacher#my%20key%231")
    ]
    assert said[2 * len(hosts) :] == local and "--address 0.0.0.0" in links.ALONE


def test_a_machine_without_an_address_says_its_name(monkeypatch):
    monkeypatch.setattr(links, "_own", lambda: ["127.0.1.1"])
    assert links.hosts("0.0.0.0") == [socket.gethostname()]


def test_the_addresses_of_this_machine_are_addresses():
    own = list(links._own())
    assert "127.0.0.1" in own and all(ipaddress.ip_address(one) for one in own)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EADDRINUSE, "choose another port with --port"), (errno.EADDRNOTAVAIL, "--address takes one of its own"),
        (errno.EACCES, "choose a port from 1024 on with --port"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_had_is_one_line_that_says_what_to_change(monkeypatch, capsys, number, said):
    def refuse(*given):
        raise OSError(number, "what the system says")

    monkeypatch.setattr(listening, "bind_sockets", refuse)
    assert main(["serve", "--port", "5999"]) == 1
    line = capsys.readouterr().err
    assert said in line and "127.0.0.1:5999" in line and line.count("\n") == 1
    assert (number == errno.EADDRNOTAVAIL) != ("--port" in line)


# Tornado leaves the socket that could not be bound to be collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_an_address_of_another_machine_and_a_port_in_use_print_no_link_and_no_password(capsys):
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = str(used.getsockname()[1])
        assert main(["serve", "--port", port]) == main(["serve", "--port", port, "--classroom"]) == 1
    assert main(["serve", "--address", "192.0.2.77", "--port", str(free_port())]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 3 and "--address" in said.err


@pytest.mark.parametrize(
    "prefix",
    ["..", "/a/../b", "//", "/a//b", "/lab dir", "/läb", "http://x/", "(x)", "/a?b", "/a#b", ".", "/./", "/a%20b",
     "/lab\n", "\\lab", "/" + "a" * 300, "{}", "/a//", "*", "/.lab"],
)  # fmt: skip
def test_a_prefix_that_is_no_path_is_one_line(capsys, prefix):
    assert main(["serve", f"--prefix={prefix}"]) == 2
    line = capsys.readouterr().err
    assert "--prefix is a path" in line and "as /lab" in line and line.count("\n") == 1 and len(line) < 300


@pytest.mark.parametrize("prefix", ["", "/", "lab", "/lab", "/lab/", "/a/b", "a.b", "/~ann/lab_2-x"])
def test_a_prefix_that_is_a_path_is_taken(prefix):
    listening.check_prefix(prefix)


@pytest.mark.parametrize(
    "host",
    ["https://lab.example.org", "lab.example.org/", "lab.example.org/lab", "a,b", "a b", "", ":", ":80", "lab:",
     "lab:x", "lab:0", "lab:65536", "lab:080", "lab:80:81", "-lab", "lab-", "lab..org", ".lab", "lab.", "läb.de",
     "[::1]:80",
     "me@lab", "lab\n", "*lab", "a" * 64, ".".join(["a" * 60] * 5), "**", "lab:٣"],
)  # fmt: skip
def test_an_origin_that_is_no_host_is_one_line(capsys, host):
    assert main(["serve", f"--allow-websocket-origin={host}"]) == 2
    line = capsys.readouterr().err
    assert "HOST or HOST:PORT" in line and line.count("\n") == 1 and len(line) < 400


@pytest.mark.parametrize(
    "host",
    ["lab.example.org", "lab.example.org:443", "localhost", "192.168.1.7:5006", "*", "*:5006", "*.lab.example:*",
     "xn--lb-via.de", "my_host", "192.168.*.*"],
)  # fmt: skip
def test_an_origin_that_is_a_host_is_taken(host):
    listening.check_origins([host])


def test_too_little_memory_is_one_line(monkeypatch, capsys):
    def exhaust(*given, **named):
        raise MemoryError

    monkeypatch.setattr(command, "serve", exhaust)
    assert main(["serve"]) == 1
    line = capsys.readouterr().err
    assert "not enough memory" in line and line.count("\n") == 1


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *given):
        return None


def test_a_prefix_typed_without_its_slash_leads_into_it_and_what_is_printed_opens():
    """By an address from where one is, so that it holds behind a proxy that puts more before it."""
    with serving(["gandyn", "serve", "--prefix", "/deep/lab"]) as (url, log):
        for query in ("", "?preset=ring"):
            with pytest.raises(urllib.error.HTTPError, match="302") as answer:
                urllib.request.build_opener(Stay).open(f"{url}/deep/lab{query}", timeout=30)
            assert answer.value.headers["Location"] == f"lab/{query}"
            answer.value.close()
        for typed in ("/deep/lab", "/deep/lab/", "/deep/lab/dynamics"):
            with urllib.request.urlopen(url + typed, timeout=30) as page:
                assert page.url == f"{url}/deep/lab/dynamics" and b"data-root-id" in page.read()
    assert re.search(r"http://localhost:\d+/deep/lab/dynamics\n", log[0]) and links.ALONE in log[0]
