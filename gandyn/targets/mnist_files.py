"""Where the digits come from: the files of MNIST, or the 10,000 training images that come with gandyn.

Looked for in this order:
  1. the folder given to `use`;
  2. the folder that GANDYN_DATA names;
  3. the cache, `pooch.os_cache("gandyn")`;
  4. a download into the cache, from the first of MIRRORS that answers (not when offline: `use`, or GANDYN_OFFLINE=1);
  5. the embedded digits, which the folder name `embedded` also asks for.

What a folder may hold, under which names, and which of several sets is taken: `gandyn.targets.mnist_sets`. A folder
that was named and does not hold one is an error; the network that does not answer is none, but a warning says so.
"""

import hashlib
import logging
import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from gandyn.targets import idx
from gandyn.targets.mnist_sets import SETS, search

SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
RETRIES = 2  # of each file at each mirror, after 1 and 2 seconds
TIMEOUT = 10  # seconds without an answer
EMBEDDED = "embedded"
DATA = Path(__file__).parent / "data"
# Of the 60,000 training images of MNIST as bytes, decompressed, and of the 10,000 that come with gandyn.
MNIST_SHA256 = (
    "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "a8bc2146ae85361f6a9ce80cee6cb018e81697aba88d4b86d7df6dfdd8ea40cf",
)

log = logging.getLogger(__name__)


class Digits(NamedTuple):
    """Images and their classes, in memory."""

    images: Tensor  # uint8 [N, 28, 28], 255 is white
    labels: Tensor  # uint8 [N], 0 to 9
    source: str  # which they are, in a line
    embedded: bool


_given: tuple[str | None, bool] = (None, False)


def use(data_dir: str | os.PathLike[str] | None = None, offline: bool = False) -> None:
    """From now on take the digits from `data_dir` (None: look for them), without the network if `offline`."""
    global _given  # noqa: PLW0603  one answer a process, as with the environment
    _given = (None if data_dir is None else os.fspath(data_dir), offline)


def digits(split: str = "train") -> Digits:
    """The digits of a split, `train` or `test`: read once in a process, then kept. Raises ValueError in one line."""
    folder, offline = _given
    offline = offline or os.environ.get("GANDYN_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    return _digits(split, folder, os.environ.get("GANDYN_DATA"), offline)


@lru_cache(maxsize=4)
def _digits(split: str, data_dir: str | None, variable: str | None, offline: bool) -> Digits:
    digits = load(split, data_dir or variable, offline, name=None if data_dir else "GANDYN_DATA")
    fallen_back = digits.embedded and EMBEDDED not in (data_dir, variable)
    log.log(logging.WARNING if fallen_back else logging.INFO, "%s", digits.source)
    return digits


def load(
    split: str,
    folder: str | None = None,
    offline: bool = False,
    *,
    name: str | None = None,
    cache: Path | None = None,
    mirrors: Sequence[str] = MIRRORS,
) -> Digits:
    """Look for the digits and read them; `name` is where the folder was named."""
    names = SETS[0].files(split)
    if folder == EMBEDDED:
        return _embedded(split, "as asked for")
    if folder:
        return _read_folder(split, folder, f"{name}={folder}" if name else f"data folder {folder}")
    cache = cache or _cache()
    packed = [f"{name}.gz" for name in names]
    paths = [cache / name for name in packed]
    if all(map(_intact, paths)):
        return _read(split, paths, f"the cache {cache}")
    if offline:
        return _embedded(split, f"offline, and the cache {cache} does not hold the files of MNIST")
    reasons = []
    for mirror in mirrors:
        try:
            _download(mirror, packed, cache)
        except Exception as error:  # whatever a network does; the next mirror may do better
            reasons.append(f"{mirror} {_reason(error)}")
        else:
            return _read(split, paths, f"downloaded from {mirror} to {cache}")
    remedy = "put its files into a folder and name that with GANDYN_DATA"
    return _embedded(split, f"no download worked: {', '.join(reasons)}; {remedy}")


def _cache() -> Path:
    import pooch

    return Path(pooch.os_cache("gandyn"))


def _intact(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[path.name]


def _download(mirror: str, names: Sequence[str], cache: Path) -> None:
    """Fetch what is missing or damaged; raises whatever pooch does."""
    import pooch

    registry = {name: f"sha256:{SHA256[name]}" for name in names}
    pooch.get_logger().setLevel(logging.WARNING)  # what came of it is told here, in one line
    log.info("downloading MNIST from %s to %s", mirror, cache)
    keeper = pooch.create(cache, mirror, registry=registry, retry_if_failed=RETRIES)
    for name in names:
        downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT)
        keeper.fetch(name, downloader=downloader)  # pyright: ignore[reportArgumentType]  pooch's own names differ


def _reason(error: Exception) -> str:
    """What a mirror did, in a few words."""
    from requests import ConnectionError, HTTPError, Timeout

    match error:
        case HTTPError(response=response) if response is not None:
            return f"answered {response.status_code}"
        case ConnectionError() | Timeout():
            return "did not answer"
        case ValueError():
            return "sent something else (wrong SHA-256)"
    return f"failed ({' '.join(str(error).split())[:80] or type(error).__name__})"


def _embedded(split: str, why: str) -> Digits:
    if split != "train":
        raise ValueError(f"the digits that come with gandyn are training images, there is no split {split!r} of them")
    paths = [DATA / "digits-images-idx3-ubyte.xz", DATA / "digits-labels-idx1-ubyte.xz"]
    return _read(split, paths, f"those that come with gandyn, not all of MNIST ({why})", True)


def _read_folder(split: str, folder: str, where: str) -> Digits:
    sets = search(Path(os.path.expanduser(folder)), split)
    if not sets:
        images, labels = SETS[0].files(split)
        raise ValueError(f"{where} does not hold {images} and {labels} (plain or .gz): put them there")
    (one, paths), *others = sets
    source = f"the files in {paths[0].parent}"
    if one is not SETS[0] or others:
        source = f"{one.name}, {source}"
    if others:
        source += f" ({' and '.join(other.set.name for other in others)} beside it not taken)"
    digits = _read(split, paths, source)
    return digits._replace(images=digits.images.mT.contiguous()) if one.transposed else digits


def _read(split: str, paths: Sequence[Path], source: str, embedded: bool = False) -> Digits:
    images, labels = idx.read_pair(*paths)
    if images.shape[1:] != (28, 28):
        size = "x".join(map(str, images.shape[1:]))
        raise ValueError(f"{paths[0]} holds images of {size} pixels, not 28x28; put the files of MNIST there")
    if int(labels.max()) > 9:
        raise ValueError(f"{paths[1]} holds the label {int(labels.max())}, not 0 to 9; put the files of MNIST there")
    return Digits(images, labels, f"{len(images):,} digits ({split}): {source}", embedded)
