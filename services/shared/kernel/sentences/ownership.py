"""What became of a change to a field that the other system owns."""

from collections.abc import Mapping

from kernel.sentences.model import Sentence

SENTENCES: Mapping[str, Sentence] = {}
