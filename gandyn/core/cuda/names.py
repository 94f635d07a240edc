"""What the kernel knows by number."""

OBJECTIVES = ("minimax", "non-saturating", "wasserstein", "hinge", "least-squares", "relativistic")
MOST_UNITS = 64  # of a layer but the latents: a block of samples stays in registers
