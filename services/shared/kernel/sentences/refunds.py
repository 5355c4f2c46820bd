"""Why a refund or credit waits or is held."""

from collections.abc import Mapping

from kernel.sentences.model import Sentence

SENTENCES: Mapping[str, Sentence] = {}
