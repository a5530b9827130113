#!/usr/bin/env python3
"""Builds words.txt: ordinary English words that are in no name list, so that a capital alone makes none a name.

Usage: python3 build_words.py DICT
  DICT  a word list, one a line (Debian: wamerican-small, american-english-small; SCOWL, see SOURCES.md)
It reads names.txt and writes words.txt beside itself: one base-36 digit for the letters shared with the word before, the rest.
"""
import pathlib
import sys

from decode import decode

HERE = pathlib.Path(__file__).resolve().parent
LONGEST = 14


def main():
    names = {word for word, _ in decode(HERE / "names.txt")}
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").split()
    words = {w for w in lines if w.isascii() and w.isalpha() and w.islower() and 2 < len(w) <= LONGEST} - names
    last, out = "", []
    for word in sorted(words):
        # The plural of a word that is there is recognised without its own line.
        if word.endswith("s") and word[:-1] in words:
            continue
        same = 0
        while same < min(len(last), len(word), 35) and last[same] == word[same]:
            same += 1
        out.append(f"{'0123456789abcdefghijklmnopqrstuvwxyz'[same]}{word[same:]}\n")
        last = word
    (HERE / "words.txt").write_text("".join(out))
    print(len(out), "words")


if __name__ == "__main__":
    main()
