"""Every kernel compiles for a device, of which none is needed: the interpreter takes what the compiler does not."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("triton")
pytestmark = pytest.mark.slow

COMPILE = """
import sys
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource


def compiled(function, types, constants, **options):
    places = {name: i for i, name in enumerate(function.arg_names)}
    signature = {name: types.get(name, "constexpr") for name in function.arg_names}
    values = {(places[name],): value for name, value in constants.items()}
    return triton.compile(ASTSource(function, signature, values), target=GPUTarget("cuda", 90, 32), options=options)

"""

DRAWS = """
from gandyn.core.rng.triton_kernels import _fill

for law, kind in enumerate(("*i64", "*fp32", "*fp32")):
    types = {"out": kind} | dict.fromkeys(("seeds", "steps", "updates"), "*i64")
    types |= dict.fromkeys(("stream", "count", "parts"), "i32")
    assert compiled(_fill, types, {"LAW": law, "GROUPS": 64}, enable_fp_fusion=False).asm["cubin"]
"""

STEP = """
from gandyn.core.cuda import launching, kernel
from gandyn.core.nets import mlp

kind, at_once = sys.argv[1], sys.argv[2] == "at once"
generator, critic = mlp([64, 64, 33, 2], "relu"), mlp([2, 64, 17, 1], "tanh")
pointers = "g g_m g_v d d_m d_v ema real z numbers_g numbers_d limits scales metrics memory".split()
whole = "stride_g stride_d lanes steps updates critic_steps generator_steps samples lane_stride".split()
constants = {
    "NET_G": launching._layers(generator.perceptron), "NET_D": launching._layers(critic.perceptron),
    "SIZE_G": generator.size, "SIZE_D": critic.size, "HIDDEN_G": 1, "OUTPUT_G": 6, "HIDDEN_D": 0, "FIRST_G": 1,
    "OBJECTIVE": 0 if at_once else 3, "OPTIMIZER_G": 3, "OPTIMIZER_D": 1, "AT_ONCE": at_once, "OPPOSED": at_once,
    "GENERATOR_FIRST": False, "AS_IT_STOOD": True, "MOVES_G": True, "MOVES_D": True, "AVERAGED": not at_once,
    "ROWS": launching.ROWS, "DEPTH": 64, "PRECISION": "tf32x3" if kind == "fp32" else "ieee",
}
types = dict.fromkeys(pointers, "*" + kind) | dict.fromkeys(whole, "i32")
assert compiled(kernel.advance, types, constants, num_warps=launching.WARPS, num_stages=1).asm["cubin"]
"""


def run(program, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    command = [sys.executable, "-", *arguments]
    done = subprocess.run(
        command, input=COMPILE + program, env=environment, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_random_numbers():
    run(DRAWS)


@pytest.mark.parametrize("kind", ["fp32", "fp64"])
@pytest.mark.parametrize("order", ["at once", "in turn"])
def test_a_step(kind, order):
    run(STEP, kind, order)
