"""Decodes names.txt, proves its order and prints how many words have each flag. Usage: python3 decode.py [--words]"""
import collections
import pathlib
import sys

MEANING = {"G": "given, strong", "g": "given, weak", "F": "family, strong", "f": "family, weak",
           "B": "given and family, strong", "b": "given and family, weak"}


def decode(path):
    """Yields the words with their flags."""
    last = ""
    for line in path.read_text().splitlines():
        word = last[:int(line[0], 36)] + line[1:-1]
        assert word > last and line[-1] in MEANING, line
        yield word, line[-1]
        last = word


if __name__ == "__main__":
    found = list(decode(pathlib.Path(__file__).with_name("names.txt")))
    if "--words" in sys.argv:
        print(*(" ".join(pair) for pair in found), sep="\n")
    else:
        counts = collections.Counter(flag for _, flag in found)
        for flag, meaning in MEANING.items():
            print(f"{counts[flag]:6} {flag} {meaning}")
        print(f"{len(found):6} words")
