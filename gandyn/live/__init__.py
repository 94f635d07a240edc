"""The only room that owns threads: runs, the stepper that moves them, and the frames that show them."""
