"""A recording, from its first message to its last: both sides are cut, heard, and said."""

import json
import queue
import sys
import threading
import time
from dataclasses import dataclass
from typing import BinaryIO, Callable

import numpy as np

from .messages import CHANNELS, Malformed, Message, read_messages
from .utterances import Cutter, Utterance
from .voice import VoiceActivity
from .words import Recogniser, UnknownLanguage

# Messages that wait to be heard: a second of audio each. More wait in the pipe.
_WAITING_MAX = 30
_HEARTBEAT_S = 1.0
# Audio of a side that was late is one utterance as long as its pieces follow one another.
_LATE_WAIT_FRAMES_S = 2


@dataclass
class Settings:
    # Seconds of speech between words that aren't final; 0: none.
    partial_seconds: float = 0.0


class Listener:
    """@param say takes a line of JSON, without its end."""

    def __init__(self, recogniser: Callable[[], Recogniser], say: Callable[[str], None], settings: Settings) -> None:
        self._make = recogniser
        self._say = say
        self._settings = settings
        self._waiting: "queue.Queue[Message | Exception | None]" = queue.Queue(_WAITING_MAX)
        self._late: dict[int, tuple[Cutter, int]] = {}
        self._late_taken = 0
        self._partial_at: dict[int, int] = {}
        self._beat_at = 0.0
        # The call's, where it is told; otherwise the recogniser's own.
        self._language: str | None = None

    def serve(self, stream: BinaryIO) -> str | None:
        """Returns why it is over; None where the stream broke off. Raises Malformed."""
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()
        # It is alive, though its model may take a while.
        self._say(json.dumps({"heard": 0}))
        self._recogniser = self._make()
        while (message := self._waiting.get()) is not None:
            if isinstance(message, Exception):
                raise message
            if message.kind == "end":
                self._end(message.facts.get("reason"))
                return str(message.facts.get("reason"))
            self._take(message)
        return None

    def _read(self, stream: BinaryIO) -> None:
        try:
            for message in read_messages(stream):
                self._waiting.put(message)
            self._waiting.put(None)
        except (Malformed, OSError) as error:
            self._waiting.put(error if isinstance(error, Malformed) else None)

    def _take(self, message: Message) -> None:
        facts = message.facts
        if message.kind == "start":
            self._rate = int(facts["sampleRate"])
            start = int(facts["startFrame"])
            self._sides = [self._cutter(start) for _ in CHANNELS]
            self._language = self._language_of(facts.get("language"))
        elif message.kind == "audio":
            stereo = message.samples.reshape(-1, len(CHANNELS))
            for channel, side in enumerate(self._sides):
                self._hear(channel, side.push(np.ascontiguousarray(stereo[:, channel])))
                self._partial(channel, side)
            self._close_late(self._sides[0].next_frame - _LATE_WAIT_FRAMES_S * self._rate)
        elif message.kind == "late":
            self._take_late(CHANNELS.index(facts["channel"]), int(facts["startFrame"]), message.samples)
        elif message.kind == "gap" and facts.get("why") == "MOVED":
            for channel in range(len(CHANNELS)):
                self._flush_late(channel)
            side = self._sides[CHANNELS.index(facts["channel"])]
            side.silence(int(facts["startFrame"]), int(facts["frames"]))
            # What was said of it before isn't so; what is said of it from now on is.
            self._late_taken += 1
            self._beat(always=True)
        self._beat()

    def _language_of(self, told: object) -> str | None:
        if told is None:
            return None
        try:
            if not isinstance(told, str):
                raise UnknownLanguage("it is no text")
            return self._recogniser.language_of_call(told)
        except UnknownLanguage as error:
            # The call is heard all the same. What names no language may be anything: a log is no place for it.
            print(f"callspool_whisper: the call's language isn't followed: {error}", file=sys.stderr, flush=True)
            return None

    def _cutter(self, start: int) -> Cutter:
        return Cutter(self._rate, start, VoiceActivity().probability)

    def _take_late(self, channel: int, start: int, samples: np.ndarray) -> None:
        cutter, _ = self._late.get(channel, (None, 0))
        if cutter is None or cutter.next_frame != start:
            self._flush_late(channel)
            cutter = self._cutter(start)
        self._late[channel] = (cutter, self._sides[0].next_frame)
        self._hear(channel, cutter.push(samples))
        self._late_taken += 1

    def _close_late(self, before: int) -> None:
        for channel, (_, since) in list(self._late.items()):
            if since < before:
                self._flush_late(channel)

    def _flush_late(self, channel: int) -> None:
        cutter, _ = self._late.pop(channel, (None, 0))
        if cutter is not None:
            self._hear(channel, cutter.flush())

    def _end(self, reason: object) -> None:
        # Where another one goes on, it is given what isn't finished here.
        if reason != "stopped" and hasattr(self, "_sides"):
            for channel, side in enumerate(self._sides):
                self._flush_late(channel)
                self._hear(channel, side.flush())
        self._beat(always=True)

    def _hear(self, channel: int, utterances: list[Utterance]) -> None:
        for utterance in utterances:
            self._partial_at.pop(channel, None)
            self._tell(channel, utterance)

    def _partial(self, channel: int, side: Cutter) -> None:
        step = self._settings.partial_seconds * self._rate
        # What is final comes first.
        if step <= 0 or not side.is_speaking or not self._waiting.empty():
            return
        last = max(self._partial_at.get(channel, 0), side.safe_frame)
        if side.next_frame - last < step:
            return
        self._partial_at[channel] = side.next_frame
        utterance = side.so_far()
        if utterance is not None:
            self._tell(channel, utterance)

    def _tell(self, channel: int, utterance: Utterance) -> None:
        heard = self._recogniser.hear(utterance, self._rate, self._language)
        if heard is None:
            return
        line = {
            "channel": CHANNELS[channel],
            "startFrame": heard.words[0].start_frame if heard.words else utterance.start_frame,
            "endFrame": heard.words[-1].end_frame if heard.words else utterance.end_frame,
            "text": heard.text,
            "words": [
                {"text": w.text, "startFrame": w.start_frame, "endFrame": w.end_frame, "confidence": w.confidence}
                for w in heard.words
            ],
            "language": heard.language,
            "model": self._recogniser.name,
            "final": utterance.is_final,
        }
        # A last word without length, at the utterance's end.
        line["endFrame"] = max(line["endFrame"], line["startFrame"] + 1)
        self._say(json.dumps(line, ensure_ascii=False))
        self._beat(always=utterance.is_final)

    def _beat(self, always: bool = False) -> None:
        now = time.monotonic()
        if not always and now - self._beat_at < _HEARTBEAT_S:
            return
        self._beat_at = now
        if not hasattr(self, "_sides"):
            return
        heard = min(side.safe_frame for side in self._sides)
        # Late audio that is still gathered isn't dealt with.
        late = self._late_taken if not self._late else 0
        self._say(json.dumps({"heard": heard, "late": late} if self._late_taken else {"heard": heard}))
