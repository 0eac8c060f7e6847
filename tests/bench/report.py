"""The table of results, printed as it grows and written to RESULTS.md."""

import datetime
import os
import pathlib
import platform

RESULTS = pathlib.Path(__file__).resolve().parent / "RESULTS.md"


class Report:
    def __init__(self, accounts, seconds):
        self.lines = [
            "# Results of `make bench`", "",
            f"{datetime.date.today()}, {os.cpu_count()} processors, {platform.machine()}; {accounts:,} accounts, "
            f"{seconds} s for each measure. Only the ratios carry over to other machines.",
        ]  # fmt: skip
        self.missed = 0

    def add(self, line):
        print(line, flush=True)
        self.lines.append(line)

    def section(self, title, *columns):
        self.add(f"\n## {title}\n")
        if columns:
            self.row(*columns)
            self.row(*("---" for _ in columns))

    def row(self, *cells):
        self.add("| " + " | ".join(str(cell) for cell in cells) + " |")

    def goal(self, work, measured, ceiling, target, at_most=False):
        """A row of work, figure, what it is compared with, ratio, target and whether it is reached."""
        ratio = measured / ceiling
        met = ratio <= target if at_most else ratio >= target
        self.missed += not met
        wanted = f"{'≤' if at_most else '≥'} {target}"
        self.row(work, f"{measured:,.1f}", f"{ceiling:,.1f}", f"{ratio:.2f}", wanted, "yes" if met else "**no**")

    def write(self):
        RESULTS.write_text("\n".join(self.lines) + f"\n\n{self.missed} targets were missed.\n")
