"""What a person is asked to decide on, and what came of it."""

from collections.abc import Mapping

from kernel.sentences.model import Sentence

SENTENCES: Mapping[str, Sentence] = {}
