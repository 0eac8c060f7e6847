#!/usr/bin/python3
"""Writes the C source behind password_common.h to standard output.

The list is that of Debian's package python3-zxcvbn, the most common passwords first. What
password_check refuses by its length alone is left out.
"""

import sys

from zxcvbn.frequency_lists import FREQUENCY_LISTS

COUNT = 3000
MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 128


def most_common(passwords):
    """The first COUNT of an acceptable length, case-folded, each once, in the order of strcmp."""
    chosen = {}
    for password in passwords:
        if MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
            chosen[password.casefold()] = True
        if len(chosen) == COUNT:
            return sorted(chosen, key=str.encode)
    sys.exit(f"common_passwords.py: only {len(chosen)} of zxcvbn's passwords have a usable length")


def c_literal(text):
    """A C string literal; octal escapes, since they end after three digits."""
    characters = (chr(byte) for byte in text.encode())
    escaped = (c if c.isascii() and c.isalnum() else f"\\{ord(c):03o}" for c in characters)
    return '"' + "".join(escaped) + '"'


def main():
    passwords = FREQUENCY_LISTS["passwords"]
    print("/* Made by common_passwords.py. */")
    print('#include "common/password_common.h"\n')
    print("const char *const password_common[] = {")
    for password in most_common(passwords):
        print(f"    {c_literal(password)},")
    print("};\n")
    print(f"const size_t password_common_count = {COUNT};")


if __name__ == "__main__":
    main()
