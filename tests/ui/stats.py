"""What a server under test holds, told on a route of its own: `panel serve --plugins tests.ui.stats`."""

import gc
import json
import threading

from bokeh.document import Document
from tornado.web import RequestHandler

from gandyn.live.broadcast import Broadcast
from gandyn.live.stepper import STEPPERS
from gandyn.ui.server.on_air import ON_AIR


class Stats(RequestHandler):
    """Runs on the air with their steps and frames, stepper threads, and documents that are still referenced."""

    def get(self) -> None:
        """The figures as JSON."""
        gc.collect()
        runs = {
            b.id: {"step": b.run.state.step, "frames": b.frames.get()[0], "viewers": len(b.viewers), **studied(b)}
            for b in ON_AIR.values()
        }
        threads = sum(t.name.startswith("gandyn-stepper") for t in threading.enumerate())
        documents = sum(isinstance(thing, Document) for thing in gc.get_objects())
        self.write(
            json.dumps({"runs": runs, "threads": threads, "documents": documents, "served": sum(map(len, STEPPERS))})
        )


def studied(broadcast: Broadcast) -> dict:
    """The views of choice that are known of its first run, and how many were computed of it in all."""
    desk = broadcast.program.tracks[0].studies
    return {"views": sorted(desk.results), "computed": desk.count}


ROUTES = [("/stats", Stats)]
