"""The program: reads a recording on standard input, or from a socket, and writes what is said on the same way."""

import argparse
import os
import socket
import sys
import time

from .listener import Listener, Settings
from .messages import Malformed
from .models import DEFAULT_MODEL, WrongModel, model_path
from .words import Recogniser, UnknownLanguage, language_in

_EXIT_MISCONFIGURED = 2
_EXIT_MALFORMED = 3
_RECONNECT_S = 1.0


def _arguments() -> argparse.Namespace:
    def env(name: str, otherwise: str | None = None) -> str | None:
        return os.environ.get(name) or otherwise

    # What is given by variables is checked as what is given by options.
    parser = argparse.ArgumentParser(prog="callspool_whisper", description=__doc__)
    parser.add_argument("--socket", default=env("CALLSPOOL_LIVE_SOCKET"), help="a Unix socket; else standard input")
    parser.add_argument("--model", default=env("CALLSPOOL_RECOGNISE_MODEL", DEFAULT_MODEL), help="a folder, or a name")
    parser.add_argument(
        "--language", type=_language, default=env("CALLSPOOL_RECOGNISE_LANGUAGE"), help="else it is found out"
    )
    parser.add_argument("--threads", type=int, default=env("CALLSPOOL_RECOGNISE_THREADS", "1"))
    parser.add_argument("--partial-seconds", type=float, default=env("CALLSPOOL_RECOGNISE_PARTIAL_SECONDS", "0"))
    parser.add_argument("--fetch", action="store_true", help="see that the model is there, fetch it once, and leave")
    return parser.parse_args()


def _language(text: str) -> str:
    try:
        return language_in(text)
    except UnknownLanguage as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error


def main() -> int:
    args = _arguments()
    if args.fetch:
        model_path(args.model)
        return 0
    made: list[Recogniser] = []

    def recogniser() -> Recogniser:
        # One for all that connect.
        if not made:
            made.append(Recogniser(args.model, args.language, args.threads))
        return made[0]

    settings = Settings(args.partial_seconds)
    if args.socket is None:
        out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        # What a library prints must not stand among the words.
        os.dup2(2, 1)
        Listener(recogniser, _writer(out), settings).serve(sys.stdin.buffer)
        return 0
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(args.socket)
                out = connection.makefile("w", encoding="utf-8")
                if Listener(recogniser, _writer(out), settings).serve(connection.makefile("rb")) is not None:
                    return 0
        except OSError:
            pass
        time.sleep(_RECONNECT_S)


def _writer(out):
    def say(line: str) -> None:
        out.write(line + "\n")
        out.flush()

    return say


if __name__ == "__main__":
    try:
        sys.exit(main())
    except WrongModel as error:
        print(f"callspool_whisper: {error}", file=sys.stderr)
        sys.exit(_EXIT_MISCONFIGURED)
    except Malformed as error:
        print(f"callspool_whisper: {error}", file=sys.stderr)
        sys.exit(_EXIT_MALFORMED)
