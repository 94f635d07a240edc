"""Steps per second of gandyn beside plain PyTorch, and how far they are from what the machine can do: `gandyn bench`.

baselines.py and lookahead.py are the plain loops, others.py and jax_process.py those of other libraries; rows.py says
what is compared and what is wanted; timing.py lets them take turns; arithmetic.py counts a step's products, products.py
times the ways to compute them, limit.py compares with both; figures.py measures what is no ratio; suite.py makes one
report of all.
"""
