"""What may come in, well formed, nearly so, or not at all: for hypothesis."""

import gzip
import io
import json
import lzma

import numpy as np
from hypothesis import strategies as st

from gandyn.core.controls import controls
from gandyn.core.target import TARGETS
from gandyn.presets import PRESETS

numbers = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from([0, 1, -1, 2**53, 2**63, 10**12, 1e308, 1e-320, float("nan"), float("inf")]),
)
words = st.sampled_from(
    ["", "none", "auto", "true", "1_0", "1e9", "nan", "-inf", "../../../x", "/abs", "\0", "a\nb", "\u0661"]
)
texts = st.one_of(words, st.text(max_size=30), st.sampled_from(["[" * 200, "9" * 5000, "1," * 500, "\ud800"]))
plain = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    plain, lambda of: st.one_of(st.lists(of, max_size=4), st.dictionaries(texts, of, max_size=4)), max_leaves=8
)
names = [*controls(), "steps", "preset", "steps_per_second", "play", "lanes", "lane", "compare"]
names += [f"target.{field}" for kind in TARGETS.values() for field in kind.__dataclass_fields__]
keys = st.one_of(st.sampled_from(names), texts)
choices = sorted({choice for control in controls().values() for choice in control.choices} | set(PRESETS))
settings = st.one_of(
    texts,
    st.sampled_from(choices),
    numbers.map(str),
    st.lists(st.integers(0, 5000), max_size=5).map(lambda l: str(l)[1:-1]),
)


@st.composite
def damaged(draw, data):
    """Bytes with some of them cut out, doubled, or other ones."""
    data = bytearray(data)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data)))
        end = min(len(data), place + draw(st.integers(0, 40)))
        data[place:end] = draw(st.one_of(st.binary(max_size=20), st.just(bytes(data[place:end]) * 2)))
    return bytes(data)


@st.composite
def changed(draw, record):
    """JSON with some of its values others, without, or with more of them."""
    record = json.loads(json.dumps(record))
    for _ in range(draw(st.integers(1, 4))):
        where = record
        for _ in range(draw(st.integers(0, 5))):
            inner = [
                one
                for one in (where.values() if isinstance(where, dict) else where)
                if isinstance(one, (dict, list)) and one
            ]
            if not inner:
                break
            where = draw(st.sampled_from(inner))
        place = draw(st.sampled_from(list(where) if isinstance(where, dict) else list(range(len(where)))))
        if draw(st.booleans()):
            where[place] = draw(values)
        elif draw(st.booleans()):
            del where[place]
            if not record or not where:
                break
        elif isinstance(where, dict):
            where[draw(keys)] = draw(values)
    return record


_row = st.lists(st.one_of(numbers.map(str), st.floats(-9, 9).map(str), texts), min_size=1, max_size=3)


@st.composite
def tables(draw):
    """CSV and NPY."""
    if draw(st.booleans()):
        separator = draw(st.sampled_from([",", ";", "\t", " "]))
        lines = draw(st.lists(_row, max_size=8))
        text = "\n".join(separator.join(row) for row in lines)
        return draw(damaged(text.encode("utf-8", "surrogatepass")))
    kind = draw(st.sampled_from(["f8", "f4", "i4", "u1", "b1", "c16", "U3", "f2", "M8[s]"]))
    array = np.zeros(draw(st.lists(st.integers(0, 3), max_size=3)), kind)
    buffer = io.BytesIO()
    np.save(buffer, array)
    return draw(damaged(buffer.getvalue()))


@st.composite
def idx_files(draw):
    """IDX, plain, .gz or .xz, before or after it is damaged."""
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    stated = draw(st.one_of(st.just(sizes), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4)))
    data = bytes([0, 0, draw(st.sampled_from([8, 9, 13])), len(stated)])
    data = draw(damaged(data + b"".join(n.to_bytes(4, "big") for n in stated) + bytes(int(np.prod(sizes)))))
    pack = draw(st.sampled_from([bytes, gzip.compress, lzma.compress]))
    return draw(damaged(pack(data)))
