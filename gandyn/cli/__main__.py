"""python -m gandyn.cli: the command line where the program `gandyn` is not on the path."""

import sys

from gandyn.cli import main

if __name__ == "__main__":
    sys.exit(main())
