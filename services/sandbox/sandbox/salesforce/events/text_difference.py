"""Changes of large texts as change events may carry them: a unified diff with a hash.

The conditions and the form are documented: at least 1,000 characters, at most half as much longer
or shorter, at most a quarter of the lines changed, and a diff that is not longer than the text.
"""

import hashlib
import re
from difflib import SequenceMatcher

LENGTH_MIN = 1000
LENGTH_CHANGE_MAX = 0.5
LINES_CHANGED_MAX = 0.25
LINE_BREAK = re.compile(r"\r\n|\n|\r")


def difference(before: str, after: str) -> str | None:
    """The diff, or None where the whole new text is sent."""
    if len(after) < LENGTH_MIN or len(before) < LENGTH_MIN:
        return None
    if abs(len(after) - len(before)) > LENGTH_CHANGE_MAX * max(len(before), len(after)):
        return None
    old, new = LINE_BREAK.split(before), LINE_BREAK.split(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    changed = sum(
        (old_end - old_at) + (new_end - new_at) for _, old_at, old_end, new_at, new_end in edits
    )
    if changed > LINES_CHANGED_MAX * (len(old) + len(new)):
        return None
    digest = hashlib.sha256(after.encode()).hexdigest()
    lines = ["--- ", f"+++ {digest}"]
    for _, old_at, old_end, new_at, new_end in edits:
        lines.append(f"@@ -{_range(old_at, old_end)} +{_range(new_at, new_end)} @@")
        lines += [f"-{line}" for line in old[old_at:old_end]]
        lines += [f"+{line}" for line in new[new_at:new_end]]
    text = "\n".join(lines)
    return text if len(text) <= len(after) else None


def _range(start: int, end: int) -> str:
    """First line, from 1, and how many; of no lines, the line before."""
    return f"{start + 1 if end > start else start},{end - start}"
