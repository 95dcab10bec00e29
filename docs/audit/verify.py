"""Verify a registry's list of events without hashreg, by the standard library alone.

``python docs/audit/verify.py registry.db [HEAD.json...]``

Each entry carries SHA-256 of the link before it (32 zero bytes before the first) and of the entry
as JSON. A head that was kept names an entry and its link: the table must still hold it. The
signature of a head is verified where the package ``cryptography`` is installed. Exit code 1:
something is wrong.
"""

import hashlib
import itertools
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any


def links(registry: Path) -> dict[int, str]:
    """Return the link of each entry; ends the program at the first that doesn't fit."""
    database = sqlite3.connect(f"{registry.absolute().as_uri()}?mode=ro", uri=True)
    query = "SELECT sequence, at, kind, actor, subject, detail, chain FROM events ORDER BY sequence"
    last, found = bytes(32), {0: "0" * 64}
    for *entry, chain in database.execute(query):
        text = json.dumps(entry, separators=(",", ":")).encode("ascii")
        last = hashlib.sha256(last + text).digest()
        if last != chain:
            sys.exit(f"entry {entry[0]} was changed, taken out or put in afterwards")
        found[entry[0]] = last.hex()
    return found


def check_verdicts(registry: Path) -> None:
    """End the program where a verdict is not the one that the list of events tells of."""
    database = sqlite3.connect(f"{registry.absolute().as_uri()}?mode=ro", uri=True)
    told = database.execute(
        "SELECT subject, actor, at, detail FROM events WHERE kind = 'verdict' ORDER BY sequence"
    )
    kept = database.execute(
        "SELECT ticket, actor, decided_at, verdict, reason FROM verdicts ORDER BY sequence"
    )
    for event, row in itertools.zip_longest(told, kept):
        *same, verdict, reason = row or [None] * 5
        words = {verdict, f"{verdict} {reason}"}  # events from before leave the reason out
        if event is None or [*event[:3]] != same or event[3] not in words:
            sys.exit(f"the verdict on ticket {(event or row)[0]} is not the one that was told")


def is_signed(head: dict[str, Any]) -> bool:
    """Tell whether a head was signed with the key that it names."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        print("signatures are not verified: the package cryptography is not installed")
        return True
    text = "\n".join(("hashreg head 1", str(head["sequence"]), head["chain"], head["at"]))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["public_key"]))
    try:
        key.verify(bytes.fromhex(head["signature"]), text.encode("ascii"))
    except InvalidSignature:
        return False
    return True


def main() -> None:
    """Verify the table, then each head."""
    registry, *heads = map(Path, sys.argv[1:])
    found = links(registry)
    check_verdicts(registry)
    for path in heads:
        head = json.loads(path.read_text(encoding="utf-8"))
        if not is_signed(head):
            sys.exit(f"{path}: the signature does not fit")
        if found.get(head["sequence"]) != head["chain"]:
            sys.exit(f"{path}: entry {head['sequence']} is missing or another one than it was")
    print(f"{len(found) - 1} entries are whole, {len(heads)} heads fit")


if __name__ == "__main__":
    main()
