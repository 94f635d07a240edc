"""Where numba is not installed there are no tests of the compiled engine."""

from gandyn.core import native

collect_ignore_glob = [] if native.INSTALLED else ["test_native_*.py", "test_rounding.py"]
