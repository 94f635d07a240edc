"""Whatever comes in ends in a value or in a ValueError of one line, within a second a kB and 200 MB.

GANDYN_FUZZ=10000 tries so many of each kind, others every time; without it a fixed share.
"""

import json
import os
import time

import msgspec
import psutil
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gandyn
from gandyn.cli.options import Wanted
from gandyn.cli.settings import resolve
from gandyn.core.bounds import MEGABYTE
from gandyn.records import checkpoint, log
from gandyn.records.config import from_config, to_config
from gandyn.records.rundir import RunDirectory
from gandyn.targets import idx
from gandyn.targets.point_tables import table
from gandyn.timeline import moment
from gandyn.timeline.trace import timeline_of
from gandyn.training.begin import begin
from gandyn.ui import messages
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.share import link
from gandyn.ui.share.saved import opened
from tests.faults import strategies as ways

COUNT = int(os.environ.get("GANDYN_FUZZ", "0"))
SMALL = {"generator.widths": 8, "critic.widths": 8, "batch_size": 8, "latent_size": 2}
fuzz = settings(
    max_examples=COUNT or 100,
    derandomize=not COUNT,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PROCESS = psutil.Process()
worst: dict[str, tuple[int, float, float]] = {}


@pytest.fixture(autouse=True, scope="module")
def figures():
    """What the worst input took, of each way in."""
    from_config(to_config(gandyn.preset("collapse")))  # all is imported
    yield
    if COUNT:
        print(f"\ninputs, seconds and MB of the worst: {worst}")


def tried(name, size, attempt):
    """Whether it gives a value; a refusal is one line."""
    began, before = time.process_time(), PROCESS.memory_info().rss
    try:
        attempt()
    except ValueError as error:
        assert str(error).strip() and "\n" not in str(error)
    seconds = time.process_time() - began
    more = (PROCESS.memory_info().rss - before) / MEGABYTE
    tries, slowest, largest = worst.get(name, (0, 0.0, 0.0))
    worst[name] = tries + 1, max(slowest, round(seconds, 2)), max(largest, round(more, 1))
    assert seconds < 1 + size / 1024, f"{seconds:.1f} s for {size} bytes"
    assert more < 200, f"{more:.0f} MB for {size} bytes"


@fuzz
@given(st.dictionaries(ways.keys, ways.settings, max_size=5))
def test_links(pairs):
    arguments = {name: [text.encode("utf-8", "surrogatepass")] for name, text in pairs.items()}
    size = sum(len(name) + len(text[0]) for name, text in arguments.items())
    notices = []
    tried("link", size, lambda: notices.append(link.read(arguments, listed_presets()).notice))
    assert len(notices) == 1 and "\n" not in (notices[0] or ""), "it never raises"


@fuzz
@given(st.lists(st.tuples(ways.keys, ways.settings), max_size=4))
def test_settings(pairs):
    wanted = Wanted(settings=[f"{name}={text}" for name, text in pairs])
    tried("set", sum(map(len, wanted.settings or ())), lambda: resolve("collapse", wanted))


@st.composite
def toml(draw):
    lines = ['preset = "collapse"'] if draw(st.booleans()) else []
    for name, value in draw(st.lists(st.tuples(ways.keys, ways.values), max_size=4)):
        key = name if draw(st.booleans()) else json.dumps(name)
        lines.append(f"{key} = {json.dumps(value)}" if draw(st.booleans()) else f"[{key}]")
    return draw(ways.damaged("\n".join(lines).encode("utf-8", "surrogatepass")))


@fuzz
@given(toml())
def test_toml(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_bytes(text)
    tried("toml", len(text), lambda: resolve(None, Wanted(config=path)))


def recorded():
    run = gandyn.Run(gandyn.preset("collapse", **SMALL))
    run.advance(4)
    run.set(unroll=1, **{"target.radius": 1.5})
    run.advance(4)
    run.seek(3)
    run.set(lr_d=0.01)
    run.advance(2)
    return run


RUN = recorded()
TRACE = RUN.trace()


@fuzz
@given(ways.changed(TRACE))
def test_traces(trace):
    tried("trace", 4000, lambda: timeline_of(trace))
    tried("session", 4000, lambda: opened(trace))


@fuzz
@given(ways.damaged(json.dumps(TRACE).encode()), ways.damaged(moment.encode(TRACE).encode()))
def test_texts_of_traces(tmp_path_factory, text, packed):
    from gandyn.records.reading import parsed

    tried("text", len(text), lambda: timeline_of(parsed(text)))
    tried("moment", len(packed), lambda: timeline_of(moment.decode(packed.decode("latin-1"))))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved")
    RUN.save(path)
    return path, {name: (path / name).read_bytes() for name in ("state.pt", "trace.json", "run.json")}


@fuzz
@given(st.data())
def test_checkpoints(saved, data):
    path, files = saved
    head, vouched = json.loads(files["run.json"]), data.draw(st.booleans())
    for name in ("state.pt", "trace.json"):
        raw = data.draw(ways.damaged(files[name])) if data.draw(st.booleans()) else files[name]
        (path / name).write_bytes(raw)
        if vouched:
            head["sha256"][name] = checkpoint.sha256(raw)
    changed = data.draw(ways.changed(head)) if data.draw(st.booleans()) else head
    if vouched and {"now", "about", "sha256"} <= changed.keys() and isinstance(changed["sha256"], dict):
        plain = checkpoint._plain({"now": changed["now"], "about": changed["about"]})
        changed["sha256"]["run.json"] = checkpoint.sha256(plain)
    (path / "run.json").write_text(json.dumps(changed))
    tried("checkpoint", len(files["state.pt"]), lambda: gandyn.Run.load(path))


@fuzz
@given(st.data())
def test_states(saved, data):
    """Tensors of other shapes and types under other names, vouched for."""
    path, files = saved
    (path / "state.pt").write_bytes(files["state.pt"])
    stored = torch.load(path / "state.pt", weights_only=True)
    shapes, types = st.lists(st.integers(0, 40), max_size=3), ["float32", "float64", "int64", "bool", "float16"]
    tensors = st.tuples(shapes, st.sampled_from(types)).map(
        lambda form: torch.zeros(form[0], dtype=getattr(torch, form[1]))
    )
    leaf = st.one_of(st.none(), ways.numbers, ways.texts, tensors)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([stored, stored.get("state"), (stored.get("state") or {}).get("opt_g")]))
        if not isinstance(place, dict) or not place:
            continue
        key = data.draw(st.one_of(st.sampled_from(list(place)), st.text(max_size=5)))
        if data.draw(st.booleans()):
            place[key] = data.draw(leaf)
        else:
            place.pop(key, None)
        if not isinstance(stored.get("state"), dict):
            break
    torch.save(stored, path / "state.pt")
    head = json.loads(files["run.json"])
    head["sha256"] |= {"state.pt": checkpoint.sha256((path / "state.pt").read_bytes())}
    head["sha256"]["trace.json"] = checkpoint.sha256(files["trace.json"])
    (path / "trace.json").write_bytes(files["trace.json"])
    (path / "run.json").write_text(json.dumps(head))
    tried("state", 10_000, lambda: gandyn.Run.load(path))


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    return begin(tmp_path_factory.mktemp("run") / "run", gandyn.preset("collapse", **SMALL)).path


@fuzz
@given(st.data())
def test_configurations(begun, data):
    from gandyn.training.train import Training

    text = (begun / "kept.json").read_text() if (begun / "kept.json").exists() else (begun / "config.json").read_text()
    (begun / "kept.json").write_text(text)
    (begun / "config.json").write_text(json.dumps(data.draw(ways.changed(json.loads(text)))))
    tried("config", len(text), lambda: Training(RunDirectory.existing(begun)))


@fuzz
@given(st.lists(st.one_of(st.binary(max_size=60), ways.damaged(b'{"step": 1, "gap": 2.5, "wall": 0.1}')), max_size=5))
def test_logs(tmp_path_factory, lines):
    path = tmp_path_factory.getbasetemp() / "metrics.jsonl"
    path.write_bytes(b"\n".join(lines))
    tried("log", sum(map(len, lines)), lambda: log.read(path))


RECEIVED = (
    messages.FromViewer, messages.FromTransport, messages.FromTimeBar, messages.FromStages, messages.FromControls,
    messages.Piece,
)  # fmt: skip
SENT = (
    {"type": "ack", "id": 3, "layers": ["a"]}, {"type": "look", "step": 3, "line": 0}, {"type": "steer", "run": None},
    {"type": "compare", "controls": {"lr_d": 1}, "here": True}, {"type": "open-file", "text": "{}"},
    {"run": "a", "upload": "b", "name": "c", "part": 0, "of": 1},
)  # fmt: skip


@fuzz
@given(st.sampled_from(SENT).flatmap(ways.changed), st.data())
def test_messages(message, data):
    text = data.draw(ways.damaged(json.dumps(message).encode()))
    for kind in RECEIVED:
        for decode in (lambda: msgspec.json.decode(text, type=kind), lambda: msgspec.convert(message, kind)):  # noqa: B023
            tried("message", len(text), lambda decode=decode: on_one_line(decode))


def on_one_line(decode):
    """The decoders' own errors quote names as they came; whoever tells one puts it on a line."""
    try:
        decode()
    except msgspec.DecodeError as error:
        raise ValueError(" ".join(str(error).split())) from None


@fuzz
@given(ways.tables())
def test_tables(raw):
    tried("table", len(raw), lambda: table(raw, "file"))


@fuzz
@given(ways.idx_files(), st.integers(1, 3))
def test_idx(tmp_path_factory, raw, dimensions):
    path = tmp_path_factory.getbasetemp() / "fuzz.idx"
    path.write_bytes(raw)
    tried("idx", len(raw), lambda: idx.read(path, dimensions))
