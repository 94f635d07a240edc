"""What the kernel knows by number."""

OBJECTIVES = ("minimax", "non-saturating", "wasserstein", "hinge", "least-squares", "relativistic")
