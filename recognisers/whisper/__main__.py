"""So that `python3 recognisers/whisper` runs it."""

import runpy

runpy.run_module("callspool_whisper", run_name="__main__")
