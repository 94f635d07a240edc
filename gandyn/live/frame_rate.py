"""How many frames a second a broadcast makes: what is smooth, if training and the others can spare that."""

MOST = 25.0  # a second: smooth enough, and what a page without a graphics card paints beside its other work
BUSY, IDLE = 0.25, 0.5  # shares of a stepper's time that frames may take: from training, and from waiting for a step
VIEWER = 1e-3  # seconds between two frames for each viewer: what sending one takes the server, about
WEIGHT = 0.2  # of the last frame in the mean of what one takes


class FrameRate:
    """The distance between two frames, of what they take and of what the stepper has to do."""

    def __init__(self) -> None:
        self.neighbours = 1  # broadcasts that the same stepper serves
        self.idle = True  # whether the stepper waits for the next step to be due
        self._seconds = 0.0  # that a frame takes

    def took(self, seconds: float) -> None:
        """A frame was made within so many seconds."""
        self._seconds += WEIGHT * (seconds - self._seconds)

    def apart(self, viewers: int) -> float:
        """Seconds between two frames for so many viewers."""
        share = (IDLE if self.idle else BUSY) / max(1, self.neighbours)
        return max(1 / MOST, self._seconds / share, VIEWER * viewers)
