"""What a worker takes for a request, by the kernel's own count: its processor time and its memory."""

import pathlib
import re

from leap_instance import wait_until


class MeasuredWorker:
    """The one worker of a pool, which serves every request on its socket."""

    def __init__(self, pid):
        self.process = pathlib.Path(f"/proc/{pid}")
        self.wait_for_idle()
        self.memory = self.kilobytes("VmRSS")

    def kilobytes(self, name):
        return int(re.search(rf"^{name}:\s+(\d+) kB$", (self.process / "status").read_text(), re.M)[1])

    def nanoseconds(self):
        """Of processor time since its start; the kernel adds what is being run when it is put to sleep."""
        return int((self.process / "schedstat").read_text().split()[0])

    def wait_for_idle(self):
        """It frees a request's memory after the reply, and sleeps when it waits for the next."""
        wait_until(lambda: (self.process / "stat").read_text().rpartition(")")[2].split()[0] == "S")

    def measure(self, send):
        """What send() returns, the milliseconds of processor time, and the MiB above the memory at the beginning."""
        self.wait_for_idle()
        (self.process / "clear_refs").write_text("5")
        before = self.nanoseconds()
        result = send()
        self.wait_for_idle()
        spent = self.nanoseconds() - before
        return result, spent / 1e6, (self.kilobytes("VmHWM") - self.memory) / 1024
