"""Print the path of a Chromium for the browser tests; with --install, get Debian's package where there is none.

The standard library is enough to run it, so that a machine can be told what it lacks before anything is installed.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = [  # for a browser that a program drives: no GPU, no sandbox that root cannot have, nothing from the network
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADVICE = "install Chromium or Google Chrome (Debian: apt-get install chromium), or set CHROMIUM to its path"


def find() -> str | None:
    """The path that CHROMIUM names, else the first browser found; None where there is none."""
    named = os.environ.get("CHROMIUM")
    candidates = (named,) if named else NAMES + MACOS
    return next((path for path in map(shutil.which, candidates) if path), None)


def install() -> None:
    """Install Debian's package as root or through a sudo that asks nothing; a failure leaves things as they were."""
    if not shutil.which("apt-get"):
        return
    sudo: list[str] = []
    if os.geteuid() != 0:
        sudo = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode:
            return
    print("Installing Debian's chromium", file=sys.stderr)
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    # Without a font a page has no text; apt-get takes fonts only as a recommendation of chromium.
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"]):
        subprocess.run([*apt, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    if "--install" in sys.argv[1:] and not os.environ.get("CHROMIUM") and not find():
        install()
    path = find()
    if path is None:
        named = os.environ.get("CHROMIUM")
        print(f"{f'CHROMIUM={named} is no program' if named else 'No Chromium found'}: {ADVICE}.", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
