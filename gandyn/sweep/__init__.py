"""A sweep: many GANs that differ in preset, controls and seed, their rows, and what the rows say.

A row is a pure function of its configuration and keyed by its hash, so a sweep may end at any moment and go on later,
on one machine or on many.
"""
