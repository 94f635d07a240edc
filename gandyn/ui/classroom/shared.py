"""The class's session as one page has it: the teacher's pages steer it, all others look on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gandyn.ui.page.messages import Axis
from gandyn.ui.page.opening import InTurn
from gandyn.ui.session.session import Session

READ = {
    "broadcast", "runs", "experiment", "lanes", "speed", "playing", "presets", "bookmarks", "pinned", "steered",
    "save", "staged",
}  # fmt: skip
REFUSED = "the teacher steers the class's run: branch into a run of your own to change something"


class Steering:
    """The class's session for a page of the teacher: everything, with `watch` in this page's own turn."""

    watching = False
    views: tuple[str, ...] = ()  # those of choice, which are this page's own
    alone = False
    axis: Axis = "steps"

    def __init__(self, session: Session) -> None:
        self._session = session
        self._in_turn: InTurn | None = None
        self._listeners: list[Callable[[], None]] = []
        session.watch(self._follow)

    @property
    def run_id(self) -> str:
        """Under which the feed finds the run, files reach it, and other pages go on with it."""
        return self._session.run_id

    def watch(self, listener: Callable[[], None]) -> None:
        """As the session's."""
        self._listeners.append(listener)

    def open(self, in_turn: InTurn) -> None:
        """The page is there. `in_turn` calls a function when its models may be changed."""
        self._in_turn = in_turn
        self._follow()

    def close(self) -> None:
        """The page is gone; the class goes on."""
        self._in_turn = None
        self._listeners.clear()
        self._session.unwatch(self._follow)

    def _follow(self) -> None:
        if self._in_turn is not None:
            self._in_turn(self._tell)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class Watching(Steering):
    """The class's session for everybody else: what can be read of it, and a refusal in one line of all the rest.

    Its `run_id` lets the frames be watched, and nothing else: files and other pages do not reach the run by it.
    """

    watching = True

    def __init__(self, session: Session, watch_id: str) -> None:
        super().__init__(session)
        self._watch_id = watch_id
        self.own_lane: Callable[[], int | None] = lambda: None  # in a sweep

    @property
    def lane(self) -> int:
        """The GAN that is on their stage."""
        own = self.own_lane()
        return self._session.lane if own is None else own

    @property
    def run_id(self) -> str:
        """Under which the feed finds the run."""
        return self._watch_id

    def __getattr__(self, name: str) -> Any:
        if name in READ:
            return getattr(self._session, name)
        if name.startswith("__") or not hasattr(Session, name):
            raise AttributeError(name)
        return _refuse


def _refuse(*given: Any, **named: Any) -> None:
    raise ValueError(REFUSED)
