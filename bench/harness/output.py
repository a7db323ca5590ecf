"""Where results go."""

import json
import re


def _text(found):
    """JSON in which a list of plain values is one line. No string holds a raw line break, so only
    the white space between values is changed."""
    return re.sub(r"\[[^][{}]*\]", lambda match: re.sub(r"\n *", " ", match[0]),
                  json.dumps(found, indent=1)) + "\n"


def write(found, folder, prefix):
    """The file, named by time and commit."""
    folder.mkdir(parents=True, exist_ok=True)
    of = found["commit"]["hash"][:12] if found["commit"] else "unknown"
    path = folder / f"{prefix}-{re.sub('[-:]', '', found['at'])}-{of}.json"
    path.write_text(_text(found), encoding="utf-8")
    return path
