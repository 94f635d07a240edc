"""What the three implementations of the random numbers share: Philox's constants and the polynomials of the normals.

All float constants are exact in float32, so that they mean the same in NumPy, in numba and in torch.
"""

from numpy import float32

NAME = "philox-1"  # of these numbers as a whole: another layout, constant or formula is another name

# Philox4x32-10: Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, section 3.3
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)  # added to the key after every round: the golden ratio and sqrt(3) - 1
ROUNDS = 10

LANES = 16  # blocks whose words of one kind lie side by side
GROUP = 4 * LANES  # numbers of such a group of blocks


def _exact(*values: float) -> tuple[float, ...]:
    return tuple(float(float32(value)) for value in values)


# ln(1 + m) = m - m^2 / 2 + m^3 P(m) for sqrt(1/2) <= 1 + m < sqrt(2), and ln 2 in two parts: Cephes 2.2, logf
LOG = _exact(
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
LN2_HIGH, LN2_LOW = _exact(0.693359375, -2.12194440e-4)
(ROOT_HALF,) = _exact(0.70710678118654752)
# sin x = x + x^3 S(x^2), cos x = 1 - x^2 / 2 + x^4 C(x^2) for |x| <= pi / 4: Cephes 2.2, sinf and cosf
SIN = _exact(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COS = _exact(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
(ANGLE,) = _exact(1.5707963267948966 * 2.0**-30)  # radians of a step of an angle's word
