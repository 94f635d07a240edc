"""What a server gives to its sessions at most: declared once, with defaults, and set by `gandyn serve`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of a server, of each process where nothing else is said. What exceeds one is refused in a line.

    Attributes:
        max_sessions: pages that are open at once, of all processes; those of a class's teacher do not count.
        max_memory: MB that all processes may hold; a page beyond it is refused.
        max_past: MB of the past of all runs of all processes, which a session's share is taken from.
        max_operations: floating-point operations of one training step, in millions.
        max_step_memory: MB that one training step may take.
        max_lanes: GANs at once of one run.
        max_batch: real samples of a minibatch.
        max_upload: MB of a file that a page sends.
        max_message: kB of a message from a page, unpacked.
        max_files: made files that wait to be fetched.
        max_hidden: seconds that runs go on which nobody sees, in a hidden tab; they go on when it is seen again.
    """

    max_sessions: int = 64
    max_memory: int = 4096
    max_past: int = 1024
    max_operations: int = 30_000
    max_step_memory: int = 512
    max_lanes: int = 16
    max_batch: int = 65_536
    max_upload: int = 64
    max_message: int = 1024
    max_files: int = 16
    max_hidden: int = 600

    def __post_init__(self) -> None:
        """ValueError with one line for what is no limit."""
        for name, value in vars(self).items():
            if value < 1:
                raise ValueError(f"--{name.replace('_', '-')} is 1 or more, not {value:,}")


_limits = Limits()


def limits() -> Limits:
    """Those of this process."""
    return _limits


def set_limits(wanted: Limits) -> None:
    """Have this process keep to them; before it serves."""
    global _limits  # noqa: PLW0603  one server a process
    _limits = wanted
