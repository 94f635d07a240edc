"""`gandyn serve --classroom` with the route of stats: python -m tests.ui.class_server PORT KEY."""

import sys

import panel as pn

from gandyn.ui.app import laboratory
from gandyn.ui.server.server import options
from tests.ui.stats import ROUTES

if __name__ == "__main__":
    chosen = options(int(sys.argv[1]), "127.0.0.1", classroom=True, key=sys.argv[2])
    chosen["extra_patterns"] += ROUTES
    pn.serve({"dynamics": laboratory}, show=False, **chosen)
