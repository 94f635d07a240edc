"""What Bokeh writes to a page, by its own serializer and by ours."""

from bokeh.core.has_props import HasProps
from bokeh.core.serialization import Serializer
from bokeh.core.validation import check_integrity
from bokeh.document import Document
from bokeh.document.events import ColumnDataChangedEvent, ModelChangedEvent
from bokeh.models import ColumnDataSource, Div, Row

import gandyn
from gandyn.ui.page.page import build_page
from gandyn.ui.server.bokeh_patches import PatchSerializer, patch_doc, references, visit_held
from gandyn.ui.session.session import Session


def document() -> Document:
    doc = Document()
    doc.add_root(Row(children=[Div(text=str(i)) for i in range(5)]))
    doc.models.flush_synced()
    return doc


def bokehs_visit(value, visitor) -> None:
    """By the letter of bokeh.model.util, through every property's value or default."""
    names = value.properties_with_refs() if isinstance(value, HasProps) else ()
    for child in [getattr(value, name) for name in names] or ([] if names else [value]):
        references.visit_value_and_its_immediate_references(child, visitor)


def patches(serializer: type[Serializer], monkeypatch) -> list[dict]:
    """Of one document a patch with models that the page has, one with new ones, and one with the new ones again."""
    monkeypatch.setattr(patch_doc, "Serializer", serializer)
    doc = document()
    (row,) = doc.roots
    written = []

    def write(*events) -> None:
        written.append(patch_doc.patch_doc.create(list(events)).content)

    write(ModelChangedEvent(doc, row, "children", row.children[:2]))
    source = ColumnDataSource(data={"x": [1.0]})
    row.tags = [source]
    write(ModelChangedEvent(doc, row, "tags", [source]))
    write(ModelChangedEvent(doc, row, "tags", [source]), ColumnDataChangedEvent(doc, source, "data", cols=["x"]))
    return written


def plain(value: object, names: dict[str, str]) -> object:
    """Without the ids that grow from model to model."""
    if isinstance(value, dict):
        named = {key: plain(one, names) for key, one in value.items() if key != "id"}
        return named | ({"id": names.setdefault(str(value["id"]), str(len(names)))} if "id" in value else {})
    return [plain(one, names) for one in value] if isinstance(value, list) else value


def test_a_patch_is_the_one_that_bokeh_writes(monkeypatch):
    bokehs, ours = ([plain(one, {}) for one in patches(kind, monkeypatch)] for kind in (Serializer, PatchSerializer))
    assert ours == bokehs
    assert len(str(ours[2])) < len(str(ours[1])), "a model that the page has is named, not written again"


def test_no_reference_is_made_of_what_a_patch_does_not_name(monkeypatch):
    doc = document()
    (row,) = doc.roots
    references = []
    kind = type(row.children[0])
    monkeypatch.setattr(kind, "ref", property(lambda model: references.append(model) or {"id": model._id}))
    monkeypatch.setattr(patch_doc, "Serializer", PatchSerializer)
    patch_doc.patch_doc.create([ModelChangedEvent(doc, row, "children", row.children[:2])])
    assert references == row.children[:2]


def page() -> Document:
    viewable, _ = build_page(Session(gandyn.preset("collapse"), playing=False))
    doc = Document()
    doc.add_root(viewable.get_root(doc))
    return doc


def test_the_models_of_a_page_are_those_that_bokeh_finds(monkeypatch):
    (root,) = page().roots
    reached = []
    for visit in (bokehs_visit, visit_held):
        monkeypatch.setattr(references, "visit_immediate_value_references", visit)
        reached.append([model.id for model in root.references()])
    assert reached[0] == reached[1] and len(reached[0]) > 300
    figure = next(one for one in root.references() if type(one).__name__ == "figure")
    assert figure.toolbar in root.references() and figure.x_range in root.references()


def test_bokeh_finds_no_mistake_in_a_page():
    """Beside the places of further runs, which are empty until there is one."""
    issues = check_integrity(page().models)
    assert not issues.error
    assert {issue.name for issue in issues.warning} <= {"EMPTY_LAYOUT"}
