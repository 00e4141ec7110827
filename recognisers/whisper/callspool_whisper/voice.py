"""Where somebody speaks: Silero's voice activity detection, as faster-whisper ships it, on a stream."""

import numpy as np
from faster_whisper.vad import get_vad_model

RATE = 16_000
WINDOW = 512
"""Samples that it judges at once: 32 ms."""
_CONTEXT = 64
_QUIET = 30.0
"""Below this level (of 32 768; -61 dB) nobody is understood, and nothing is judged: a gap and a muted line cost nothing."""


def upsampled(samples: np.ndarray, rate: int) -> np.ndarray:
    """int16 at any rate as floats at 16 kHz."""
    audio = samples.astype(np.float32) / 32_768
    if rate == RATE or len(audio) == 0:
        return audio
    if rate * 2 == RATE:
        stuffed = np.zeros(2 * len(audio), np.float32)
        stuffed[::2] = audio
        return np.convolve(stuffed, _HALF_BAND, "same").astype(np.float32)
    length = round(len(audio) * RATE / rate)
    return np.interp(np.arange(length) * rate / RATE, np.arange(len(audio)), audio).astype(np.float32)


def _half_band(taps: int = 31) -> np.ndarray:
    at = np.arange(taps) - taps // 2
    kernel = np.sinc(at / 2) * np.hamming(taps)
    return (2 * kernel / kernel.sum()).astype(np.float32)


_HALF_BAND = _half_band()


class VoiceActivity:
    """One side's. Keeps its state from window to window."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self.reset()

    def reset(self) -> None:
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probability(self, samples: np.ndarray, rate: int) -> float:
        """Of 32 ms of int16: how likely it is speech."""
        level = float(np.sqrt(np.mean(np.square(samples.astype(np.float32))))) if len(samples) else 0.0
        if level < _QUIET:
            self.reset()
            return 0.0
        audio = upsampled(samples, rate)[:WINDOW]
        audio = np.pad(audio, (0, WINDOW - len(audio)))
        window = np.concatenate([self._context, audio]).reshape(1, -1)
        self._context = audio[-_CONTEXT:]
        output, self._h, self._c = self._session.run(None, {"input": window, "h": self._h, "c": self._c})
        return float(np.ravel(output)[0])
