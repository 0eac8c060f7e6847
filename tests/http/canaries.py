"""
Values that stand for what must not get about, and where they have got to: nobody would write one by chance, so whatever
holds a piece of one, in an encoding that it may have taken on its way, holds what came through the API.
"""

import base64
import collections
import os
import secrets
import string
import subprocess
import tempfile

# A piece this long at every fourth character: whatever is left of a canary, 15 bytes of it are found, and no chance hits.
PIECE = 12
STEP = 4

Finding = collections.namedtuple("Finding", "canary encoding place")


def new_canary(length=32):
    """Letters and digits that XML, JSON, URLs and a comparison without case leave as they are."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def percent_encoded(text):
    """Every character, also those that need not be."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def in_base64(piece, before):
    """What base64 makes of the piece behind so many other bytes, without the digits that its neighbours have a part in."""
    encoded = base64.b64encode(bytes(before) + piece).rstrip(b"=")
    return encoded[-(-before * 4 // 3) : (before + len(piece)) * 4 // 3]


def in_words(piece, start):
    """As a processor of little-endian words has what a digest is made of, from this byte on."""
    words = range(start, len(piece) - 3, 4)
    return b"".join(piece[word : word + 4][::-1] for word in words)


# Base64 is that of the Authorization header, decimal numbers are those of a plan that PostgreSQL prints.
ENCODINGS = {
    "plain": lambda piece: piece,
    "percent-encoded": lambda piece: percent_encoded(piece.decode()).encode(),
    "percent-encoded in lower case": lambda piece: percent_encoded(piece.decode()).lower().encode(),
    "hexadecimal": lambda piece: piece.hex().encode(),
    "hexadecimal in upper case": lambda piece: piece.hex().upper().encode(),
    "decimal": lambda piece: " ".join(str(byte) for byte in piece).encode(),
    "UTF-16LE": lambda piece: piece.decode().encode("utf-16-le"),
    "UTF-16BE": lambda piece: piece.decode().encode("utf-16-be"),
    "in words": lambda piece: in_words(piece, 0),
    "in words from a second byte": lambda piece: in_words(piece, 1),
    "in words from a third byte": lambda piece: in_words(piece, 2),
    "in words from a fourth byte": lambda piece: in_words(piece, 3),
    "base64": lambda piece: in_base64(piece, 0),
    "base64 from a second byte": lambda piece: in_base64(piece, 1),
    "base64 from a third byte": lambda piece: in_base64(piece, 2),
}


class Scanner:
    """Looks for canaries, given as {name: value}."""

    def __init__(self, canaries):
        self.patterns = {}
        for name, value in canaries.items():
            text = value.encode()
            for start in range(0, len(text) - PIECE + 1, STEP):
                for encoding, encode in ENCODINGS.items():
                    self.patterns[encode(text[start : start + PIECE])] = (name, encoding)

    def in_files(self, *paths):
        """What the files hold, and those of directories: a set of findings."""
        with tempfile.NamedTemporaryFile() as patterns:
            patterns.write(b"\n".join(self.patterns) + b"\n")
            patterns.flush()
            # Files may go while they are looked for; that there is nothing to read at all is a mistake.
            done = subprocess.run(
                ["grep", "-r", "-a", "-o", "-H", "-Z", "-s", "-F", "-f", patterns.name, "--", *paths],
                env=os.environ | {"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                timeout=120,
            )
        assert all(map(os.path.exists, paths))
        found = set()
        for line in done.stdout.splitlines():
            place, pattern = line.split(b"\0", 1)
            found.add(Finding(*self.patterns[pattern], place.decode()))
        return found

    def in_bytes(self, place, data):
        """What these bytes hold; the findings name the place."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return {finding._replace(place=place) for finding in self.in_files(file.name)}
