"""The messages of docs/LIVE.md: a line of JSON each, with frames of S16LE behind those of audio."""

import json
from dataclasses import dataclass, field
from typing import BinaryIO, Iterator

import numpy as np

CHANNELS = ("CUSTOMER", "AGENT")
# Bytes behind a message, a frame.
_WIDTHS = {"audio": 4, "late": 2}
_LINE_BYTES_MAX = 65_536
_FRAMES_MAX = 60 * 192_000


class Malformed(Exception):
    """The stream isn't what callspool writes."""


@dataclass
class Message:
    kind: str
    facts: dict
    samples: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int16))


def read_messages(stream: BinaryIO) -> Iterator[Message]:
    """Until the stream ends. Raises Malformed."""
    while line := stream.readline(_LINE_BYTES_MAX):
        try:
            facts = json.loads(line)
            kind = facts["kind"]
            width = _WIDTHS.get(kind, 0)
            frames = int(facts["frames"]) if width else 0
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("a line is no message") from error
        if not 0 <= frames <= _FRAMES_MAX:
            raise Malformed("a message has more audio than any has")
        body = stream.read(width * frames)
        if len(body) < width * frames:
            return
        yield Message(kind, facts, np.frombuffer(body, np.dtype("<i2")))
