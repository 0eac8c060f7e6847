"""FastCGI's records, as the web server sends them and an application answers."""

import struct

BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = range(1, 7)
RESPONDER = 1
RECORD_BYTES = 65535


def read_record(stream):
    header = stream.read(8)
    if len(header) < 8:
        raise EOFError
    _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", header)
    content = stream.read(length)
    stream.read(padding)
    return kind, content


def record(kind, content):
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _stream(kind, content):
    """Its content in pieces, and its end."""
    pieces = [content[at : at + RECORD_BYTES] for at in range(0, len(content), RECORD_BYTES)]
    return b"".join(record(kind, piece) for piece in [*pieces, b""])


def encode_request(parameters, body=b""):
    begin = record(BEGIN_REQUEST, struct.pack("!HB5x", RESPONDER, 0))
    return begin + _stream(PARAMS, encode_parameters(parameters)) + _stream(STDIN, body)


def read_answer(stream):
    """What the application answers, once the request has ended."""
    answer = b""
    while True:
        kind, content = read_record(stream)
        if kind == END_REQUEST:
            return answer
        assert kind == STDOUT
        answer += content


def _length(data, at):
    if data[at] < 128:
        return data[at], at + 1
    return struct.unpack_from("!I", data, at)[0] & 0x7FFFFFFF, at + 4


def encode_parameters(parameters):
    encoded = b""
    for pair in parameters.items():
        name, value = (text.encode("latin-1") for text in pair)
        encoded += struct.pack("!II", len(name) | 0x80000000, len(value) | 0x80000000) + name + value
    return encoded


def decode_parameters(data):
    pairs = []
    at = 0
    while at < len(data):
        name_length, at = _length(data, at)
        value_length, at = _length(data, at)
        name = data[at : at + name_length].decode("latin-1")
        at += name_length
        pairs.append((name, data[at : at + value_length].decode("latin-1")))
        at += value_length
    assert len(pairs) == len(dict(pairs)), "a parameter was sent twice"
    return dict(pairs)
