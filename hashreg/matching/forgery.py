"""Telling a forged collision from a copy: a copy agrees in other views, too.

A picture whose hash was forged to be near a registered one is a different picture, and its windows
show it: of 120 forgeries of photos none had more than one of the six windows that both sides hash
within 45 bits, while 189 of 189 edited copies had more (`docs/decisions/009-suspicious.md`).
Windows are cut from the picture without its borders, so they are comparable only where those are
near each other.
"""

import re
from collections.abc import Mapping

from hashreg.matching import policy
from hashreg.matching.table import distance

_WHOLE = {"whole": "", "trimmed": "", "mirror": "mirror", "trimmed:mirror": "mirror"}
"""Asked views of the picture as a whole, and how its windows are turned. Windows are not asked in
other turns."""
_UPRIGHT_WINDOW = re.compile(r"window:[^:]+")
_SIDES = {"left": "right", "right": "left"}


def is_suspicious(
    view: str,
    query_view: str,
    agreeing_views: int,
    registered: Mapping[str, bytes],
    asked: Mapping[str, bytes],
) -> bool:
    """Tell whether a PDQ hit of ``query_view`` to ``view`` stands alone where others should agree.

    ``registered`` and ``asked`` hold the PDQ hashes of either side by view. False where the views
    can't say: a part of a picture, a turned one, or bare hashes.
    """
    turn = _WHOLE.get(query_view)
    if turn is None or view not in ("whole", "trimmed"):
        return False
    windows = [
        distance(code, asked[other])
        for name, code in registered.items()
        if _UPRIGHT_WINDOW.fullmatch(name) and (other := _counterpart(name, turn)) in asked
    ]
    if len(windows) < policy.EXPECTED_VIEWS:
        return False
    trimmed = f"trimmed:{turn}" if turn else "trimmed"
    base = asked.get(trimmed, asked.get(turn or "whole"))
    registered_base = registered.get("trimmed", registered.get("whole"))
    if base and registered_base and distance(base, registered_base) <= policy.REVIEW_RADIUS:
        near = sum(bits <= policy.REVIEW_RADIUS for bits in windows)
        return near < policy.LEAST_AGREEING
    return agreeing_views == 1 and (trimmed in asked) != ("trimmed" in registered)


def _counterpart(name: str, turn: str) -> str:
    """Return the asked window that shows what this registered window shows."""
    if not turn:
        return name
    words = [_SIDES.get(word, word) for word in name.split("-")]
    return f"{'-'.join(words)}:{turn}"
