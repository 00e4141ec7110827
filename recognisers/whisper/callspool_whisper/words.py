"""Words of an utterance, by Whisper; and none where nobody said any."""

import os
from dataclasses import dataclass

import faster_whisper.transcribe
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import _LANGUAGE_CODES

from .models import DEFAULT_MODEL, model_path
from .utterances import Utterance
from .voice import upsampled

_LANGUAGES = frozenset(_LANGUAGE_CODES)
# Models like Whisper invent words where there are none; what they say of themselves then tells it.
_LOGPROB_LEAST = -1.0
_NO_SPEECH_MOST = 0.6
_COMPRESSION_MOST = 2.4
# Of what was said before, where it was said too often: enough to end a circle, and too little to change what is said in earnest.
_PENALTY = 1.1
# Nobody says more letters a second.
_LETTERS_A_SECOND_MOST = 32
# The same words so many times in a row are a model's stammer.
_REPEATS_MOST = 4
# Numbers are said so in earnest, and not only as digits.
_DIGIT_WORDS = frozenset(
    "zero oh o one two three four five six seven eight nine double triple null eins zwei zwo drei vier fünf sechs sieben acht neun "
    "zéro un deux trois quatre cinq sept huit neuf cero uno una dos tres cuatro cinco seis siete ocho nueve".split()
)
# What a model hears in the rest of an utterance, behind all that it understood, is often its own.
_REST_NO_SPEECH_MOST = 0.5
# An utterance is heard in a window of its own length, and of this at least (in hundredths of a second).
_WINDOW_LEAST = 1_500
_WINDOW_MORE = 300
# Words begin and end with the voice, give or take this.
_EDGE_MS = 100
# The model lets go of an utterance's last word too early, by up to this.
_LAST_MS = 500
# Music and tones are now and then taken for speech, with little certainty.
_VOICE_LEAST = 0.62


@dataclass
class Word:
    text: str
    start_frame: int
    end_frame: int
    confidence: float


@dataclass
class Heard:
    text: str
    words: list[Word]
    language: str


class UnknownLanguage(Exception):
    """Whisper, or the model that there is, doesn't know it."""


def language_in(text: str) -> str:
    """`en` of `en-US`: a model knows no dialects. Raises UnknownLanguage."""
    language = text.split("-")[0].lower()
    if language not in _LANGUAGES:
        raise UnknownLanguage("Whisper doesn't know it; give one such as en or de")
    return language


def _pad_or_trim(array, length=3_000, *, axis=-1):
    """As faster-whisper's own, but that a short utterance isn't 30 s of silence to the encoder: a third of the time."""
    return pad_or_trim(array, min(length, max(_WINDOW_LEAST, array.shape[axis] + _WINDOW_MORE)), axis=axis)


faster_whisper.transcribe.pad_or_trim = _pad_or_trim


class Recogniser:
    """One model, for all that is heard."""

    def __init__(self, model: str = DEFAULT_MODEL, language: str | None = None, threads: int = 1) -> None:
        self.name = os.path.basename(os.path.normpath(model))
        self._language = language
        self._model = WhisperModel(
            model_path(model), device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1
        )

    def language_of_call(self, text: str) -> str:
        """As a model knows it. Raises UnknownLanguage."""
        language = language_in(text)
        # A language that came with later models has no token in earlier ones.
        token = self._model.hf_tokenizer.token_to_id(f"<|{language}|>")
        if language not in self._model.supported_languages or token is None:
            raise UnknownLanguage(f"the model {self.name} doesn't know {language}; give a multilingual one, such as base")
        return language

    def hear(self, utterance: Utterance, rate: int, language: str | None = None) -> Heard | None:
        """None where nothing was said, as far as can be told. Without a language its own setting's holds, or it finds it out."""
        asked = language or self._language
        if utterance.mean_probability < _VOICE_LEAST:
            return None
        segments, spoken = self._segments(utterance, rate, asked)
        if any(one.compression_ratio > _COMPRESSION_MOST for one in segments):
            # The model went round in circles, as it does over a digit that is said four times.
            segments, spoken = self._segments(utterance, rate, asked, _PENALTY)
        seconds = len(utterance.samples) / rate
        kept = [one for one in segments if _is_said(one, seconds)]
        text = "".join(one.text for one in kept).strip()
        if not text or _is_stammer(text):
            return None
        words = [self._word(word, utterance, rate) for one in kept for word in one.words or ()]
        words = [word for word in words if word.text]
        if words and 0 < utterance.voice_end_frame - words[-1].end_frame <= _LAST_MS * rate // 1000:
            words[-1].end_frame = utterance.voice_end_frame
        return Heard(text, words, spoken)

    def _segments(
        self, utterance: Utterance, rate: int, language: str | None, penalty: float = 1.0
    ) -> tuple[list, str]:
        segments, info = self._model.transcribe(
            upsampled(utterance.samples, rate),
            language=language,
            beam_size=5,
            temperature=[0.0],
            repetition_penalty=penalty,
            condition_on_previous_text=False,
            word_timestamps=utterance.is_final,
            without_timestamps=False,
            vad_filter=False,
            no_speech_threshold=_NO_SPEECH_MOST,
            log_prob_threshold=_LOGPROB_LEAST,
            compression_ratio_threshold=_COMPRESSION_MOST,
        )
        return list(segments), info.language

    @staticmethod
    def _word(word, utterance: Utterance, rate: int) -> Word:
        def frame(seconds: float) -> int:
            at = utterance.start_frame + round(float(seconds) * rate)
            edge = _EDGE_MS * rate // 1000
            first, last = utterance.voice_start_frame - edge, utterance.voice_end_frame + edge
            return max(utterance.start_frame, min(max(at, first), last, utterance.end_frame))

        confidence = min(1.0, max(0.0, round(float(word.probability), 3)))
        return Word(word.word.strip(), frame(word.start), frame(word.end), confidence)


def _is_said(segment, seconds: float) -> bool:
    letters = sum(one.isalnum() for one in segment.text)
    if letters == 0 or segment.start > seconds:
        return False
    if segment.compression_ratio > _COMPRESSION_MOST or segment.avg_logprob < _LOGPROB_LEAST:
        return False
    if segment.seek > 0 and segment.no_speech_prob > _REST_NO_SPEECH_MOST:
        return False
    if segment.no_speech_prob > _NO_SPEECH_MOST and segment.avg_logprob < _LOGPROB_LEAST / 2:
        return False
    return letters <= _LETTERS_A_SECOND_MOST * max(0.5, min(seconds, segment.end) - segment.start)


def _is_stammer(text: str) -> bool:
    words = [one for one in ("".join(c for c in word if c.isalnum()) for word in text.lower().split()) if one]
    for length in (1, 2, 3, 4):
        run = 0
        for at in range(length, len(words)):
            run = run + 1 if words[at] == words[at - length] else 0
            if run >= length * _REPEATS_MOST:
                return not all(word.isdigit() or word in _DIGIT_WORDS for word in words[at - length + 1 : at + 1])
    return False
