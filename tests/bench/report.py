"""The table of results, printed as it grows and written to RESULTS.md."""

import datetime
import os
import pathlib
import platform
import statistics

RESULTS = pathlib.Path(__file__).resolve().parent / "RESULTS.md"


class Report:
    def __init__(self, accounts, seconds):
        self.lines = [
            "# Results of `make bench`", "",
            f"{datetime.date.today()}, {os.cpu_count()} processors, {platform.machine()}; {accounts:,} accounts, "
            f"{seconds} s for each measure. Only the",
            "ratios carry over to other machines. Where measures took turns, the ratio is the median of the rounds', and behind it is",
            "the middle half of them.",
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
        self._goal(work, measured, ceiling, measured / ceiling, "", target, at_most)

    def compare(self, work, rounds, target, at_most=False):
        """The same of rounds in which a measure (the first of each) and what it is compared with (the last) took turns."""
        ratios = [one[0] / one[-1] for one in rounds]
        quarter, half, three_quarters = statistics.quantiles(ratios, n=4)
        measured, ceiling = (statistics.median(one[place] for one in rounds) for place in (0, -1))
        self._goal(work, measured, ceiling, half, f" ({quarter:.3f} – {three_quarters:.3f})", target, at_most)

    def _goal(self, work, measured, ceiling, ratio, spread, target, at_most):
        met = ratio <= target if at_most else ratio >= target
        self.missed += not met
        wanted = f"{'≤' if at_most else '≥'} {target}"
        self.row(work, f"{measured:,.1f}", f"{ceiling:,.1f}", f"{ratio:.3f}{spread}", wanted, "yes" if met else "**no**")

    def write(self):
        RESULTS.write_text("\n".join(self.lines) + f"\n\n{self.missed} targets were missed.\n")
