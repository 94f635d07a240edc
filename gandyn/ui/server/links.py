"""The links that a server prints: what people type, on this machine and on others."""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote

from gandyn.ui.server.guard import is_loopback
from gandyn.ui.server.listening import EVERYWHERE, host_of, path_of

TEACHER = "/gandyn/teacher"
FAR = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))  # of nobody: the way there is the way out
SIOCGIFADDR = 0x8915  # Linux: the address of an interface
ALONE = "Only this machine, or a proxy on it, reaches it: --address 0.0.0.0 opens it to others, behind a password."


def lines(address: str, port: int, prefix: str, key: str | None = None) -> list[str]:
    """What is printed of a server: its page under every address at which others reach it; of a class, whose teacher
    has this key, the teacher's page, too.
    """
    announcement = []
    for host in hosts(address):
        page = f"http://{host}:{port}{path_of(prefix)}"
        if key is None:
            announcement.append(f"The laboratory:     {page}/dynamics")
        else:
            announcement += [
                f"The class's link:   {page}/dynamics",
                f"The teacher's link: {page}{TEACHER}#{quote(key)}",
            ]
    return [*announcement, ALONE] if is_loopback(address) else announcement


def hosts(address: str) -> list[str]:
    """Under which a server that listens on an address is reached, from as far as it can be, as links name them."""
    if is_loopback(address):
        return ["localhost"] if ":" not in address else [host_of(address)]
    if address not in EVERYWHERE:
        return [host_of(address)]
    versions = {"0.0.0.0": (4,), "::": (6,)}.get(address, (4, 6))
    addresses = [one for one in map(ipaddress.ip_address, dict.fromkeys(_own())) if one.version in versions]
    far = [one for one in addresses if not (one.is_loopback or one.is_link_local or one.is_unspecified)]
    return [host_of(str(one)) for one in far] or [socket.gethostname()]


def _own() -> Iterator[str]:
    """The addresses of this machine, first that from which it goes out. Nothing is sent."""
    for family, far in FAR:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            yield str(probe.getsockname()[0])
    with suppress(OSError):
        for info in socket.getaddrinfo(socket.gethostname(), None):
            yield str(info[4][0]).partition("%")[0]
    if sys.platform == "linux":
        import fcntl

        for _, name in socket.if_nameindex():
            with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                yield socket.inet_ntoa(answer[20:24])
