"""The top bar: what runs, how fast, and the ways out of the page (link, file, theme, projector, help)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import msgspec
import param
import torch
from bokeh.document import Document

from gandyn.live.stepper import THREADS
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json
from gandyn.records.reading import parsed
from gandyn.records.trace import plain_name
from gandyn.timeline import moment
from gandyn.ui.classroom.rules import Rules
from gandyn.ui.classroom.shared import REFUSED
from gandyn.ui.compare.alternatives import alternatives
from gandyn.ui.controls.controls import ControlValue
from gandyn.ui.messages import (
    CancelExport,
    Command,
    Compare,
    Export,
    ExportFailed,
    FromTransport,
    Keep,
    Kept,
    ListedPreset,
    OpenFile,
    OpenMoment,
    PageNotice,
    Resume,
    Save,
    SavedFile,
    Share,
    Shared,
    ToTransport,
)  # fmt: skip
from gandyn.ui.page.component import Component
from gandyn.ui.server.on_air import ON_AIR, find
from gandyn.ui.session.choices import LANES, slow
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from gandyn.ui.share.copy_as import Place, copies
from gandyn.ui.share.exports import Exports
from gandyn.ui.share.last_moment import kept, up_to
from gandyn.ui.share.reach import hosts
from gandyn.ui.share.saved import Opened, opened, without_branches
from gandyn.ui.views.comparison import MOST

SPEEDS = [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1500, 2000]


class Transport(Component):
    """Preset, buttons, speed, status. `preset`, `lanes` and `steps_per_second` are models of their names."""

    takes = FromTransport
    run = param.String(constant=True, doc="the id of the run")
    presets = param.List(doc="ListedPresets")
    speeds = param.List(SPEEDS)
    multiples = param.List(list(LANES), doc="how many GANs may go at once")
    playing = param.Boolean()
    watching = param.Boolean(False, constant=True, doc="whether the page only looks on")
    query = param.Dict({}, doc="what the address of the page says")
    changed = param.String("", doc="in what the run differs from its preset, in words")
    alternatives = param.List(doc="Alternatives: what the run may be compared with")
    changed_live = param.Boolean(False, doc="the run has changes on the way to where it stands")
    pinned = param.String("", doc="what is pinned as a baseline, in words; nothing: none is")
    full = param.Boolean(False, doc="no more runs can be compared")
    hidden = param.List(doc="names of menus that a teacher has hidden")
    notice = param.Dict(None, allow_None=True, doc="a PageNotice: a line that does not come with a frame")

    def __init__(self, session: Session, rules: Rules | None = None, **params: Any) -> None:
        self._session, self._rules = session, rules or Rules()
        self._document: Document | None = None
        self._parts: list[str] = []  # of a saved session on its way
        self._slow = False  # whether it was told that a step takes long
        self._reading: object = None  # the saved session that was asked for last
        self._exports = Exports(session, self._send, lambda: session.run_id in ON_AIR)
        listed = msgspec.to_builtins([ListedPreset(name, PRESETS[name].summary) for name in session.presets])
        self.values = {
            "preset": ControlValue(name="preset", value=session.experiment.name),
            "lanes": ControlValue(name="lanes", value=session.lanes, preset=1),
            "steps_per_second": ControlValue(name="steps_per_second", value=session.speed),
        }
        self.values["preset"].on_change("value", lambda attr, old, new: self._load(new))
        self.values["lanes"].on_change("value", lambda attr, old, new: self._multiply(new))
        self.values["steps_per_second"].on_change("value", lambda attr, old, new: self._speed(new))
        super().__init__(run=session.run_id, presets=listed, watching=session.watching, **params)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        session = self._session
        first = session.staged(session.broadcast.experiment(session.runs[0]))
        self.values["preset"].update(value=session.experiment.name)
        self.values["lanes"].update(value=session.lanes)
        self.values["steps_per_second"].update(value=session.speed, preset=_speed_of(session.experiment.name))
        for name, model in self.values.items():
            model.update(locked=self._rules.reason(name))
        self.param.update(
            hidden=sorted(self._rules.hidden & self.values.keys()),
            playing=session.playing,
            query=link.write(session),
            changed=link.changed(first),
            alternatives=msgspec.to_builtins(alternatives(first)),
            changed_live=bool(session.runs[0].events()),
            full=len(session.runs) >= MOST,
            pinned="" if session.pinned is None else f"{session.pinned.experiment.name}, {session.pinned.step:,} steps",
        )
        line = slow(session.experiment, session.lanes)
        if line is not None and not self._slow:
            self.tell(line)
        self._slow = line is not None

    def tell(self, text: str, action: Literal["default"] | None = None) -> None:
        """Show one line until it is dismissed."""
        last = self.notice["id"] if self.notice else 0
        self.notice = msgspec.to_builtins(PageNotice(text, action, last + 1))

    def _load(self, preset: Any) -> None:  # the one that is chosen already comes as the command `again`
        if preset != self._session.experiment.name:
            self._try(lambda: self._session.load(preset))

    def _multiply(self, value: Any) -> None:
        if value != self._session.lanes:
            self._try(lambda: self._session.multiply(value))

    def _speed(self, value: Any) -> None:
        if value != self._session.speed:
            self._try(lambda: self._session.change(steps_per_second=value))

    def receive(self, message: FromTransport) -> None:
        """A button, a key, or how the page begins."""
        session = self._session
        if session.watching and not isinstance(message, Save | Share):
            raise ValueError(REFUSED)
        match message:
            case Command():
                session.command(message.name)
            case Resume():
                self._resume(message)
            case Keep():
                session.save(lambda trace: self._send(Kept(kept(trace))))
            case OpenFile():
                self._parts = [*(self._parts if message.part else []), message.text]
                if message.part != len(self._parts) - 1:
                    raise ValueError("this file did not arrive in one piece: open it again")
                if message.part == message.of - 1:
                    text, self._parts = "".join(self._parts), []
                    self._open(lambda: _read(text))
            case OpenMoment():
                self._open(lambda: moment.decode(message.moment))
            case Compare():
                session.compare(message.controls, which=0, here=message.here)
            case Save():
                session.save(lambda trace: self._send(SavedFile(_name(trace), _text(trace))))
            case Share():
                self._share(message.page)
            case Export():
                self._exports.ask(message.kind)
            case CancelExport():
                self._exports.cancel()

    def refuse(self, message: FromTransport | None, line: str) -> None:
        """Of an export where its progress would be, of the others in the notice."""
        if isinstance(message, Export):
            self._send(ExportFailed(message.kind, line))
        else:
            self.tell(line)
            self.refresh()

    def _resume(self, message: Resume) -> None:
        """Go on with what the tab showed before: with the run itself, or from its last moment, and say which."""
        other = find(message.run)
        if other is self._session.broadcast:
            return
        if other is not None:
            self._session.go_on_with(other)
        elif not message.moment:
            self.tell("The server no longer has the run that was here: this is its beginning.")
        else:
            self._open(lambda: up_to(moment.decode(message.moment), message.step), message)

    def _open(self, read: Callable[[], Any], resumed: Resume | None = None) -> None:
        """Go on with what is read: in a thread of its own, since its target may have a million points."""
        self._reading = turn = object()  # what is opened meanwhile comes in its place

        def go_on(page: Opened) -> None:
            self._session.go_on_at(page, playing=resumed is not None and resumed.playing)
            if resumed:
                self.tell(f"The server had let go of this run: it goes on from step {page.step:,}, its last one here.")

        def work() -> None:
            torch.set_num_threads(THREADS)  # in this thread, as a stepper
            try:
                page = opened(read())
            except ValueError as error:
                reason = str(error)
                self._in_turn(lambda: self.tell(reason))
            else:
                self._in_turn(lambda: self._try(lambda: go_on(page)) if self._reading is turn else None)

        threading.Thread(target=work, name="gandyn-open", daemon=True).start()

    def _in_turn(self, act: Callable[[], None]) -> None:
        """From any thread, when the page's models may be changed."""
        if self._document is not None:
            self._document.add_next_tick_callback(act)

    def _share(self, page: str) -> None:
        """What can be copied of the run that is steered, as the page at this address shows it."""
        place, runs = Place(page, link.write(self._session), hosts(self._document)), self._session.runs
        of = chr(ord("A") + (self._session.steered or 0)) if len(runs) > 1 else ""

        def offer(trace: dict[str, Any]) -> None:
            self._send(Shared(**copies(trace, place, _name(trace), _short(trace)), of=of, text=_text(trace)))

        self._session.save(offer)

    def _send(self, message: ToTransport) -> None:
        """A message to the page, from any thread."""
        self._in_turn(partial(self._send_msg, msgspec.to_builtins(message)))

    def _try(self, action: Any) -> None:
        try:
            action()
        except ValueError as error:
            self.tell(str(error))
            self.refresh()

    def _get_model(self, doc: Document, root: Any = None, parent: Any = None, comm: Any = None) -> Any:
        model = super()._get_model(doc, root, parent, comm)
        self._document = doc
        model.tags = list(self.values.values())
        return model


def _speed_of(preset: str) -> float | None:
    return PRESETS[preset].steps_per_second if preset in PRESETS else None


def _name(trace: Mapping[str, Any]) -> str:
    return f"gandyn-{plain_name(trace['config']['preset'])}-{trace['stop']}.json"


def _text(trace: Mapping[str, Any]) -> str:
    return json.dumps(trace, indent=1) + "\n"


def _short(trace: dict[str, Any]) -> str | None:
    """The moment for a link, without branches where it would be too long with them; None: too long without, too."""
    texts = (moment.encode(one) for one in (trace, without_branches(trace)))
    return next((text for text in texts if len(text) <= moment.MOST), None)


def _read(text: str) -> Any:
    try:
        return parsed(text)
    except ValueError as error:
        raise ValueError(f"this file is no saved session: {error}") from None
