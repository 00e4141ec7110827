"""The program: reads a recording on standard input, or from a socket, and writes what is said on the same way."""

import argparse
import os
import socket
import sys
import time

from .listener import Listener, Settings
from .messages import Malformed
from .words import DEFAULT_MODEL, Recogniser

_EXIT_MALFORMED = 3
_RECONNECT_S = 1.0


def _arguments() -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser(prog="callspool_whisper", description=__doc__)
    parser.add_argument("--socket", default=env("CALLSPOOL_LIVE_SOCKET"), help="a Unix socket; else standard input")
    parser.add_argument("--model", default=env("CALLSPOOL_RECOGNISE_MODEL", DEFAULT_MODEL), help="a folder, or a name")
    parser.add_argument("--language", default=env("CALLSPOOL_RECOGNISE_LANGUAGE") or None, help="else it is found out")
    parser.add_argument("--threads", type=int, default=int(env("CALLSPOOL_RECOGNISE_THREADS", "1")))
    parser.add_argument(
        "--partial-seconds", type=float, default=float(env("CALLSPOOL_RECOGNISE_PARTIAL_SECONDS", "0"))
    )
    return parser.parse_args()


def main() -> int:
    args = _arguments()
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
    except Malformed as error:
        print(f"callspool_whisper: {error}", file=sys.stderr)
        sys.exit(_EXIT_MALFORMED)
