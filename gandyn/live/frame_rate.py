"""How many frames a second a broadcast makes: what is smooth, if training and the others can spare that."""

MOST = 60.0  # a second: what a screen shows; a page that cannot paint as many asks for fewer (web/src/frames/pace.ts)
SMOOTH, FEW = 25.0, 4  # a second for more viewers than few: each of them costs what making and sending a frame takes
IDLE = 0.7  # share of a stepper's time that frames may take while it waits for the next step to be due
BUSY, BUSIEST = 0.18, 0.3  # the same, taken from training: for each run of a comparison, and for all of them
TOGETHER = 4  # broadcasts of a stepper from which on steps are made a few at a time: a call costs as much as ten steps
VIEWER = 3e-4  # seconds between two frames for each viewer: three times what sending one takes the server
SOON = 10.0  # a second, at most, while somebody steers: a hand that moves a slider follows its effect
WEIGHT = 0.2  # of the last frame in the mean of what one takes


class FrameRate:
    """The distance between two frames, of what they take and of what the stepper has to do."""

    def __init__(self) -> None:
        self.neighbours = 1  # broadcasts with viewers that the same stepper serves
        self.soon = False  # whether somebody waits for the next frame, who has changed something
        self.idle = True  # whether the stepper waits for the next step to be due
        self._seconds = 0.0  # that a frame takes

    @property
    def rhythm(self) -> float:
        """Seconds of steps that are worth a call of their own: those between two frames where a stepper serves many."""
        return 0.0 if self.neighbours <= TOGETHER else self._seconds * self.neighbours / IDLE

    def took(self, seconds: float) -> None:
        """A frame was made in so many seconds of the stepper's processor time."""
        self.soon = False
        self._seconds += WEIGHT * (seconds - self._seconds)

    def apart(self, viewers: int, runs: int = 1) -> float:
        """Seconds between two frames of so many runs for so many viewers."""
        share = IDLE if self.idle else min(BUSY * runs, BUSIEST)
        most = MOST if viewers <= FEW else SMOOTH
        apart = max(1 / most, self._seconds * max(1, self.neighbours) / share, VIEWER * viewers)
        return min(apart, 1 / SOON) if self.soon else apart
