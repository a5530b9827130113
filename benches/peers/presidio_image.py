"""Redacts pictures with presidio-image-redactor, for the bench of pages: FOLDER_IN FOLDER_OUT ROSTER.csv.

The roster is given as deny-lists, one a column. Its language model is not on PyPI: pattern recognizers and deny-lists
run on a blank pipeline, so its own detection of names is not part of the comparison. Prints seconds of CPU time in all.
"""

import csv
import os
import resource
import sys
from pathlib import Path

os.environ["OMP_THREAD_LIMIT"] = "1"

import spacy
from PIL import Image
from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_image_redactor import ImageAnalyzerEngine, ImageRedactorEngine


class Blank(SpacyNlpEngine):
    """A pipeline of a tokenizer alone."""

    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}

    def load(self):
        """There is nothing to load."""


def registry(roster):
    """All recognizers that need no model, and one deny-list a column of the roster."""
    recognizers = RecognizerRegistry()
    recognizers.load_predefined_recognizers(languages=["en"])
    with open(roster, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for column in rows[0]:
        values = sorted({row[column].strip() for row in rows if len(row[column].strip()) > 3})
        if values:
            name = "".join(c if c.isalnum() else "_" for c in column).upper()
            recognizers.add_recognizer(PatternRecognizer(supported_entity=name, deny_list=values))
    return recognizers


def seconds():
    """CPU time of this process and of the tesseract commands it ran."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main():
    source, target, roster = map(Path, sys.argv[1:4])
    target.mkdir(parents=True, exist_ok=True)
    analyzer = AnalyzerEngine(registry=registry(roster), nlp_engine=Blank(), supported_languages=["en"])
    redactor = ImageRedactorEngine(image_analyzer_engine=ImageAnalyzerEngine(analyzer_engine=analyzer))
    start = seconds()
    for path in sorted(source.iterdir()):
        redactor.redact(Image.open(path).convert("RGB"), fill=(0, 0, 0)).save(target / path.name, quality=90)
    print(f"{seconds() - start:.3f}")


main()
