"""Steps per second of gandyn beside plain PyTorch, and how far they are from what the machine can do: `gandyn bench`.

baselines.py and lookahead.py are the plain loops; rows.py says what is compared and what is wanted; timing.py lets them
take turns; limit.py counts the arithmetic of a step and times the machine at it; suite.py makes one report of all.
"""
