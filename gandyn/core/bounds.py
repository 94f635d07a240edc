"""The ranges of what a person may change, by the control's name: checked here and there, declared once."""

MEGABYTE = 2**20  # bytes
MAX_UNROLL, MAX_STEPS = 100, 100
MAX_SPEED = 100_000.0  # steps a second that may be asked for
BELOW_ONE = 0.999999  # the largest decay

BOUNDS: dict[str, tuple[float, float]] = {
    "unroll": (0, MAX_UNROLL),
    "probe_unroll": (1, MAX_UNROLL),
    "critic_steps": (1, MAX_STEPS),
    "generator_steps": (1, MAX_STEPS),
    "batch_size": (1, 65_536),
    "latent_size": (0, 4096),
    "lr_g": (0, 100),
    "lr_d": (0, 100),
    "beta1": (-BELOW_ONE, BELOW_ONE),
    "beta2": (0, BELOW_ONE),
    "eps": (1e-16, 1),
    "penalty_weight": (0, 1e6),
    "clip": (0, 1e6),
    "ema": (0, BELOW_ONE),
    "decay_g": (0, 10),
    "decay_d": (0, 10),
    "decay_steps": (1, 1e6),
}
