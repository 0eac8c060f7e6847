"""
The image of live processes: what core dumps of them would hold.

    process_image.py PID...     writes it to standard output: the writable memory, and the registers of each thread
"""

import ctypes
import os
import re
import subprocess
import sys

from processes import SUDO

PTRACE_DETACH, PTRACE_GETREGSET, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4204, 0x4206, 0x4207
# General registers, those for floating point, and x86's vectors, which other processors do not have.
REGISTER_SETS = (1, 2, 0x202)
WAIT_ALL = 0x40000000  # __WALL
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")


class _Buffer(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request, thread, address=0, data=0):
    if _libc.ptrace(request, thread, address, data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _registers(thread):
    content = ctypes.create_string_buffer(65536)
    for kind in REGISTER_SETS:
        buffer = _Buffer(ctypes.addressof(content), len(content))
        try:
            _ptrace(PTRACE_GETREGSET, thread, kind, ctypes.addressof(buffer))
        except OSError:
            continue
        yield content.raw[: buffer.length]


def _memory(pid):
    with open(f"/proc/{pid}/maps") as maps:
        mappings = [MAPPING.match(line) for line in maps]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in (map(lambda number: int(number, 16), mapping.groups()) for mapping in mappings if mapping):
            memory.seek(start)
            yield memory.read(end - start)


def _write_image(pid, output):
    threads = [int(thread) for thread in os.listdir(f"/proc/{pid}/task")]
    for thread in threads:
        _ptrace(PTRACE_SEIZE, thread)
        _ptrace(PTRACE_INTERRUPT, thread)
        os.waitpid(thread, WAIT_ALL)
    for thread in threads:
        output.writelines(_registers(thread))
    output.writelines(_memory(pid))
    for thread in threads:
        _ptrace(PTRACE_DETACH, thread)


def write_images(pids, path):
    """Writes the image of these processes to a file; each is stopped while it is taken."""
    # Who is not root may look at nobody's process but their children's.
    command = [*SUDO, sys.executable, "-B", __file__, *map(str, pids)]
    with open(path, "wb") as output:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, check=True, timeout=60)


def waits_for_events(pid):
    """Whether the process is in epoll_wait, as a worker is between two requests."""
    place = subprocess.run([*SUDO, "cat", f"/proc/{pid}/wchan"], stdout=subprocess.PIPE, check=True, timeout=60).stdout
    return place in (b"do_epoll_wait", b"ep_poll")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        _write_image(int(argument), sys.stdout.buffer)
