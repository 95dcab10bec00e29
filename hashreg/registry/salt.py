"""The registry's own random number, which keys the digests of what outsiders send."""

from sqlite_utils.db import Database


def content_salt(db: Database) -> bytes:
    """Return the 32 bytes that were drawn when the registry was made."""
    rows = db.execute("SELECT value FROM settings WHERE name = 'content_salt'")
    return bytes(rows.fetchone()[0])
