"""The proposal as a table for people: ids, what is proposed, and why; no value of any record."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from transform.domain.adopting.proposals import Proposal

NAME = "proposal.csv"
HEADER = ("account", "proposal", "customer", "score", "why")


def write_proposals(directory: Path, proposals: Iterable[Proposal]) -> Path:
    """All of it or nothing: the file of before stays until the new one is whole."""
    path, new = directory / NAME, directory / f"{NAME}.new"
    with new.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for one in proposals:
            row = (one.account_id, one.standing.value, one.customer_id, one.score, one.why)
            writer.writerow(row)
        file.flush()
        os.fsync(file.fileno())
    return new.replace(path)
