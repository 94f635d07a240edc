"""The same step for multilayer perceptrons, several times faster: derivatives by hand, flat parameters, reused memory.

`dynamics.py` says what a step is; a contract test holds the two equal in float64 over every combination. The way of
the data: tape.py makes one pass of one network and its derivatives; seeds.py begins a backward pass at the logits;
adjoints.py takes an optimiser backwards; players.py makes of these the updates of both players; step.py puts them in
order. products.py says which library multiplies.
"""
