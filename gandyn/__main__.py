"""python -m gandyn: the command `gandyn` where it is not on the path."""

import sys

from gandyn.cli import main

if __name__ == "__main__":
    sys.exit(main())
