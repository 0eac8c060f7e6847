"""
How often the tests of faults repeat them, and the figures that they leave.

`make soak` sets both: LEAP_ROUNDS is how often (2), LEAP_FIGURES a file that gets a line for each fault: its name, rounds,
requests, and how many were answered, refused as unavailable, left unknown, and lost.
"""

import collections
import os

ROUNDS = int(os.environ.get("LEAP_ROUNDS", "2"))
FOR_LONG = ROUNDS >= 50


def write_figures(fault, rounds, ledger):
    file = os.environ.get("LEAP_FIGURES")
    if file:
        outcomes = collections.Counter(entry.code or "answered" for entry in ledger.entries)
        numbers = [outcomes[name] for name in ("answered", "unavailable", "outcome-unknown", "lost")]
        with open(file, "a", encoding="utf-8") as figures:
            print(fault, rounds, len(ledger.entries), *numbers, sep="\t", file=figures)


def stride(prime):
    """Of many alike, which to take: all when it is for long, else every prime-th."""
    return 1 if FOR_LONG else prime
