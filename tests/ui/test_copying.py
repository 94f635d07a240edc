"""Copies of models against those that Bokeh's own serializer and deserializer make."""

import json

import numpy as np
import pytest
from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Deserializer, Serializer
from bokeh.document import Document
from bokeh.models import ColumnDataSource, CustomJS, Div, Row

from gandyn.ui.views.copying import copies_of
from gandyn.ui.views.figures import _originals


def written(models) -> str:
    """As Bokeh writes them, models numbered in the order in which they come."""
    numbers = {}

    def numbered(value):
        if isinstance(value, dict):
            plain = {key: numbered(one) for key, one in sorted(value.items()) if key != "id"}
            return plain | ({"id": numbers.setdefault(value["id"], len(numbers))} if "id" in value else {})
        return [numbered(one) for one in value] if isinstance(value, list | tuple) else value

    return json.dumps(numbered(json.loads(serialize_json(Serializer(deferred=False).encode(models)))))


def every(models) -> set:
    return {one for model in models.values() for one in model.references()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_copied_as_bokeh_would(theme):
    originals = _originals(theme)
    bokehs = Deserializer().decode(Serializer(references=set()).encode(originals))
    ours = copies_of(originals)
    assert written(ours) == written(bokehs)
    assert not every(ours) & every(originals), "two documents must not share a model"
    assert len(every(ours)) == len(every(originals))
    assert len({one.id for one in every(ours)} | {one.id for one in every(originals)}) == 2 * len(every(ours))


def test_a_copy_is_one_of_its_own():
    """What is changed in it, in place too, is told to its document, and not to the original."""
    source = ColumnDataSource(data={"x": np.arange(3.0), "y": [1, 2, 3]})
    child = Div(text="a", js_event_callbacks={"tap": [CustomJS(args={"s": source})]})
    original = Row(children=[child], tags=[source, {"k": [1]}])
    (copy,) = copies_of({"row": original}).values()
    doc, events = Document(), []
    doc.add_root(copy)
    doc.on_change(events.append)
    copy.children.append(Div(text="b"))
    copy.tags[0].data["y"] = [4, 5, 6]
    copy.children[0].text = "c"
    assert len(events) == 3
    assert [one.text for one in original.children] == ["a"]
    assert original.tags[0].data["y"] == [1, 2, 3]
    copy.tags[0].data["x"][0] = 9
    assert original.tags[0].data["x"][0] == 0
    assert copy.children[0].js_event_callbacks["tap"][0].args["s"] is copy.tags[0]
    assert original.document is None
