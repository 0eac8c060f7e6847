"""
How often the tests of faults repeat them, and the figures that they leave.

`make soak` sets both: LEAP_ROUNDS is how often (2), LEAP_FIGURES a file that gets a line for each fault: its name, rounds,
requests, and how many were answered, refused as unavailable, left unknown, and lost.
"""

import collections
import os

ROUNDS = int(os.environ.get("LEAP_ROUNDS", "2"))
FOR_LONG = ROUNDS >= 50


def write_figures(fault, rounds, outcomes):
    """Of a fault, how many requests had each outcome, by name."""
    file = os.environ.get("LEAP_FIGURES")
    if file:
        numbers = [outcomes[name] for name in ("answered", "unavailable", "outcome-unknown", "lost")]
        with open(file, "a", encoding="utf-8") as figures:
            print(fault, rounds, outcomes.total(), *numbers, sep="\t", file=figures)


def write_round(fault, answered, lost=0):
    """Of one round of a fault that refuses nothing."""
    write_figures(fault, 1, collections.Counter(answered=answered, lost=lost))


def stride(prime):
    """Of many alike, which to take: all when it is for long, else every prime-th."""
    return 1 if FOR_LONG else prime
