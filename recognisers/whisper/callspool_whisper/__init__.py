"""Writes down what both sides of a call say: audio in, lines of JSON out (docs/LIVE.md, docs/WORDS.md)."""
