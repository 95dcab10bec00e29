"""How often who has asked nearly the same about which picture: keyed digests of questions."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from sqlite_utils.db import Database

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HashItem
from hashreg.model.records import FingerprintId, Probe, Probing, ProbingState
from hashreg.registry.packing import pack
from hashreg.registry.rows import Row, stamp
from hashreg.registry.sealer import LINKS, Sealer

DIGEST_BYTES = 16


class SqliteProbes:
    """Counted questions in SQLite."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def digest(self, asked: Fingerprint, looked: Sequence[HashItem] = ()) -> bytes:
        """Return what is kept of a question: 16 bytes that say nothing without the key."""
        packed = pack((*asked.hashes, *looked), None) + (asked.tokens.data if asked.tokens else b"")
        return self._sealer.keyed_digest(packed, DIGEST_BYTES, b"hashreg probes")

    def add(self, probes: Iterable[Probe], at: dt.datetime) -> None:
        """Count questions; one that was counted before counts once."""
        rows = [(it.asker, self._token(it.fingerprint_id), it) for it in probes]
        for asker, picture in dict.fromkeys((it.asker, it.fingerprint_id) for _, _, it in rows):
            self._begin(asker, picture, at)
        self._db.conn.executemany(
            "INSERT OR IGNORE INTO probes VALUES (?, ?, ?, ?)",
            [(asker, token, it.digest, stamp(at)) for asker, token, it in rows],
        )

    def put(self, probing: Probing, at: dt.datetime) -> None:
        """Write down that somebody was warned of a picture, or locked out of it."""
        self._begin(probing.asker, probing.fingerprint_id, at)
        self._db.execute(
            "UPDATE probings SET state = ?, changed_at = ? WHERE asker = ? AND picture = ?",
            (probing.state.value, stamp(at), probing.asker, self._token(probing.fingerprint_id)),
        )

    def probings(self) -> Iterator[Probing]:
        """Yield who asks about which picture, and how that stands; the latest change last."""
        rows = self._db.query("SELECT * FROM probings ORDER BY changed_at, asker")
        return (Probing(it["asker"], self._picture(it), ProbingState(it["state"])) for it in rows)

    def all(self) -> Iterator[Probe]:
        """Yield every counted question."""
        rows = self._db.query("SELECT * FROM probes JOIN probings USING (asker, picture)")
        return (Probe(it["asker"], self._picture(it), it["probe"]) for it in rows)

    def release(self, asker: str, fingerprint_id: FingerprintId) -> bool:
        """Forget what somebody asked about a picture; False where they were not locked out."""
        which = (asker, self._token(fingerprint_id))
        cursor = self._db.execute(
            "DELETE FROM probings WHERE asker = ? AND picture = ? AND state = 'locked'", which
        )
        if cursor.rowcount:
            self._db.execute("DELETE FROM probes WHERE asker = ? AND picture = ?", which)
        return cursor.rowcount > 0

    def delete_before(self, before: dt.datetime) -> int:
        """Forget older questions, and counts of which nothing is left; return how many."""
        cursor = self._db.execute("DELETE FROM probes WHERE asked_at < ?", (stamp(before),))
        self._db.execute(
            "DELETE FROM probings WHERE state <> 'locked' AND NOT EXISTS (SELECT 1 FROM probes"
            " WHERE probes.asker = probings.asker AND probes.picture = probings.picture)"
        )
        return cursor.rowcount

    def delete_of(self, fingerprint_ids: Iterable[FingerprintId]) -> None:
        """Forget what was asked about pictures that are erased."""
        tokens = [(self._token(it),) for it in fingerprint_ids]
        for table in ("probes", "probings"):
            self._db.conn.executemany(f"DELETE FROM {table} WHERE picture = ?", tokens)  # noqa: S608

    def _begin(self, asker: str, fingerprint_id: FingerprintId, at: dt.datetime) -> None:
        token = self._token(fingerprint_id)
        sealed = self._sealer.seal(LINKS, fingerprint_id, "probings", asker.encode() + token)
        self._db.execute(
            "INSERT OR IGNORE INTO probings VALUES (?, ?, ?, ?, ?)",
            (asker, token, sealed, ProbingState.OPEN.value, stamp(at)),
        )

    def _token(self, fingerprint_id: FingerprintId) -> bytes:
        return self._sealer.token("probes", fingerprint_id)

    def _picture(self, row: Row) -> FingerprintId:
        place = row["asker"].encode() + row["picture"]
        return FingerprintId(self._sealer.open(LINKS, row["sealed"], "probings", place))
