"""Small secrets of the registry's own, sealed, by name; the first that is kept stays."""

from sqlite_utils.db import Database

from hashreg.registry.sealer import LINKS, Sealer


class SqliteSecrets:
    """Secrets in SQLite, among the settings."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def find(self, name: str) -> bytes | None:
        """Return a secret, or None."""
        row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return self._sealer.open(LINKS, row[0], "settings", name.encode()) if row else None

    def keep(self, name: str, value: bytes) -> bytes:
        """Keep a secret, unless there is one of this name; return the one that is kept."""
        sealed = self._sealer.seal(LINKS, value, "settings", name.encode())
        self._db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, sealed))
        return self.find(name) or value
