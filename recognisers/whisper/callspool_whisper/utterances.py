"""Cuts one side into utterances: from where somebody begins to speak to 0.6 s of silence, or 25 s."""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np

WINDOW_MS = 32
_SPEECH = 0.5
_SILENCE = 0.35
_END_MS = 600
_LONGEST_MS = 25_000
# A cut in the middle of speech: where it was quietest of late.
_CUT_MS = 5_000
# What is kept before the first window that is speech, and behind the last one.
_PAD_MS = 300
# Less speech than this is a click.
_LEAST_SPEECH_MS = 160


@dataclass
class Utterance:
    start_frame: int
    samples: np.ndarray
    # Of the windows that are speech.
    speech_ms: int
    mean_probability: float
    # Of the first window that is speech, and behind the last one.
    voice_start_frame: int
    voice_end_frame: int
    is_final: bool = True

    @property
    def end_frame(self) -> int:
        return self.start_frame + len(self.samples)


@dataclass
class Cutter:
    """Takes samples that follow one another, and gives utterances."""

    rate: int
    # Position of the next frame that is pushed.
    next_frame: int
    probability: Callable[[np.ndarray, int], float]
    _samples: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int16))
    _judged: int = 0
    _probabilities: list = field(default_factory=list)
    # Windows, of those that are held: the first that is speech, and one past the last.
    _first: int | None = None
    _last: int = 0

    def __post_init__(self) -> None:
        self._start = self.next_frame
        self._window = round(self.rate * WINDOW_MS / 1000)

    @property
    def safe_frame(self) -> int:
        """No utterance begins before it any more."""
        return self._start

    @property
    def is_speaking(self) -> bool:
        return self._first is not None

    def push(self, samples: np.ndarray) -> list[Utterance]:
        self._samples = np.concatenate([self._samples, samples])
        self.next_frame += len(samples)
        done: list[Utterance] = []
        while self._judged + self._window <= len(self._samples):
            window = self._samples[self._judged : self._judged + self._window]
            self._judged += self._window
            done.extend(self._judge(self.probability(window, self.rate)))
        return done

    def silence(self, start_frame: int, frames: int) -> None:
        """What was given there doesn't belong there."""
        first = max(0, start_frame - self._start)
        last = min(len(self._samples), start_frame + frames - self._start)
        if first < last:
            self._samples = self._samples.copy()
            self._samples[first:last] = 0

    def so_far(self) -> Utterance | None:
        """What is being said, unfinished."""
        return None if self._first is None else self._utterance(len(self._probabilities), is_final=False)

    def flush(self) -> list[Utterance]:
        """Nothing follows."""
        done = [] if self._first is None else [self._utterance(len(self._probabilities))]
        self._drop(len(self._samples))
        return [one for one in done if one.speech_ms >= _LEAST_SPEECH_MS]

    def _judge(self, probability: float) -> list[Utterance]:
        self._probabilities.append(probability)
        count = len(self._probabilities)
        if self._first is None:
            if probability < _SPEECH:
                self._drop(max(0, (count - _PAD_MS // WINDOW_MS) * self._window))
                return []
            self._first = count - 1
        if probability >= (_SPEECH if self._last == 0 else _SILENCE):
            self._last = count
        if (count - self._last) * WINDOW_MS >= _END_MS:
            return self._cut(min(count, self._last + _PAD_MS // WINDOW_MS))
        if (count - self._first) * WINDOW_MS >= _LONGEST_MS:
            late = _CUT_MS // WINDOW_MS
            return self._cut(count - late + int(np.argmin(self._probabilities[-late:])) + 1)
        return []

    def _cut(self, windows: int) -> list[Utterance]:
        utterance = self._utterance(windows)
        done = [utterance] if utterance.speech_ms >= _LEAST_SPEECH_MS else []
        rest = self._probabilities[windows:]
        self._drop(windows * self._window)
        self._probabilities = []
        for probability in rest:
            # Of a cut in the middle of speech, what is behind it.
            done.extend(self._judge(probability))
        return done

    def _utterance(self, windows: int, is_final: bool = True) -> Utterance:
        speech = [one for one in self._probabilities[:windows] if one >= _SPEECH]
        return Utterance(
            start_frame=self._start,
            samples=self._samples[: windows * self._window if is_final else len(self._samples)],
            speech_ms=len(speech) * WINDOW_MS,
            mean_probability=float(np.mean(speech)) if speech else 0.0,
            voice_start_frame=self._start + (self._first or 0) * self._window,
            voice_end_frame=self._start + min(windows, self._last) * self._window,
            is_final=is_final,
        )

    def _drop(self, frames: int) -> None:
        """What is before it is done with; whole windows, but for the last of all."""
        self._samples = self._samples[frames:]
        self._start += frames
        self._judged = max(0, self._judged - frames)
        self._probabilities = self._probabilities[-(-frames // self._window) :]
        self._first, self._last = None, 0
