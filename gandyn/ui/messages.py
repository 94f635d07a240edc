"""Every message between a page and its server, in both directions, field by field; frames are in gandyn/live/schema.py.

A message bears its name in `type`. What comes from a page is decoded strictly, by the union of what its receiver takes.
`make web` writes web/src/messages.ts of it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=2**53)]  # whole numbers that JavaScript has exactly
Short = Annotated[str, Meta(max_length=60)]


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Message(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type", tag=_kebab
):
    """What all messages have in common: no field beside those that are named, and `type`."""


# -- from a page: the socket of frames


class Hello(Message, frozen=True):
    """The page is there, and shows these layers."""

    layers: list[str]


class Ack(Message, frozen=True):
    """A frame has been painted; the page wants the next, with these layers."""

    id: int
    layers: list[str]


FromViewer = Hello | Ack


# -- from a page: its parts, over Bokeh's socket

CommandName = Literal[
    "play", "pause", "step", "critic", "generator", "reset", "new-seed", "rewind", "undo", "redo", "back", "bookmark",
    "pin", "pinned", "again",
]  # fmt: skip


class Command(Message, frozen=True):
    """A button or a key: see Session.command."""

    name: CommandName


class Look(Message, frozen=True):
    """Stand at a step of the past, of the first run, on its line of this number (none: that on which it stands)."""

    step: Count
    line: Count | None = None


class Bookmark(Message, frozen=True):
    """Mark a step, or unmark it."""

    step: Count
    line: Count


class Steer(Message, frozen=True):
    """Let the controls be for one of the runs, or for all (null)."""

    run: Count | None


class Dismiss(Message, frozen=True):
    """Take a run out of the comparison."""

    run: Count


class Compare(Message, frozen=True):
    """Put a run beside the first that differs in these controls, from step 0 on or from `here`."""

    controls: dict[str, Any]
    here: bool


class CompareControl(Message, frozen=True):
    """Put a run beside the one that is steered in which this control has another value."""

    control: str


class ChangeTarget(Message, frozen=True):
    """Another target, by its controls: what was drawn, or moved."""

    controls: dict[str, Any]


class Resume(Message, frozen=True):
    """Go on with what this tab showed before: by its id, or from its last moment if the server has let go of it."""

    run: str
    moment: str = ""  # as the server said it last; nothing: it never did
    step: Count = 0  # the last that was painted
    playing: bool = False


class Keep(Message, frozen=True):
    """Send the moment, for the page to go on from should the server lose it."""


class OpenFile(Message, frozen=True):
    """Go on with a saved session: a part of the text of its file, the first of which is number 0."""

    text: str
    part: Annotated[int, Meta(ge=0, lt=128)] = 0
    of: Annotated[int, Meta(ge=1, le=128)] = 1


class OpenMoment(Message, frozen=True):
    """Go on with the moment of a link."""

    moment: str


class Save(Message, frozen=True):
    """Send the session as a file."""


class Share(Message, frozen=True):
    """Send what can be copied, for a page at this address."""

    page: str


class Export(Message, frozen=True):
    """Make a file of this kind."""

    kind: str


class CancelExport(Message, frozen=True):
    """Leave off the file that is being made."""


FromTransport = (
    Command | Resume | Keep | OpenFile | OpenMoment | Save | Share | Export | CancelExport | Compare
)  # fmt: skip
FromTimeBar = Look | Bookmark
FromStages = Steer | Dismiss
FromControls = Steer | CompareControl


# -- from a page: a piece of a file, as the query of a POST, whose body is the piece


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a piece belongs; numbers stand as text in a query."""

    run: str  # the id of what is on the air
    upload: str  # of all pieces of a file alike
    name: str
    part: Annotated[int, Meta(ge=0, lt=10_000)]
    of: Annotated[int, Meta(ge=1, lt=10_000)]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of a piece: of the last one a line, or why it is refused."""

    text: str | None = None
    error: str | None = None


# -- to a page: what stands in the properties of its parts, and, from SavedFile on, messages


class PageNotice(msgspec.Struct, frozen=True):
    """One line that stays until it is dismissed, and the way on."""

    text: str
    action: Literal["default"] | None  # open the page without a query
    id: int  # the same line may be due again


class Refusal(msgspec.Struct, frozen=True):
    """Why own data were refused."""

    text: str
    id: int


class Place(msgspec.Struct, frozen=True):
    """A bookmark: a step of the first run, on its line of this number."""

    line: Count
    step: Count


class Alternative(msgspec.Struct, frozen=True):
    """What the run may be compared with: in what it differs."""

    label: str
    controls: dict[str, Any]


class ListedPreset(msgspec.Struct, frozen=True):
    """A preset of the menu."""

    name: str
    summary: str


class Mixture(msgspec.Struct, frozen=True):
    """The controls of the target `gaussians`, without their prefix."""

    x: list[float]
    y: list[float]
    sigmas: list[float]  # one for all, or one each
    weights: list[float]  # none: all equal


class SavedFile(Message, frozen=True):
    """A file for the browser to keep."""

    name: str
    text: str


class Shared(Message, frozen=True):
    """What can be copied of a moment."""

    step: int
    preset: str
    of: str  # the letter of the run, of several
    local: bool  # nobody else can open the addresses
    long: bool  # too long for a link: the link is that of step 0
    link: str
    plain: str  # the link to step 0
    command: str
    python: str
    iframe: str
    file: str  # the name of the session's file
    text: str  # what is in it
    reads: list[str]  # which of the texts begin with that file


class Kept(Message, frozen=True):
    """A moment of the page; nothing: it is too long to be kept."""

    moment: str


class ExportProgress(Message, frozen=True):
    """How far a file is, in parts."""

    name: str
    done: int
    of: int


class ExportReady(Message, frozen=True):
    """A file is there, to be fetched by its key."""

    name: str
    key: str


class ExportFailed(Message, frozen=True):
    """Why there is no file, in a line."""

    name: str
    error: str


OfExport = ExportProgress | ExportReady | ExportFailed
ToTransport = SavedFile | Shared | Kept | OfExport
