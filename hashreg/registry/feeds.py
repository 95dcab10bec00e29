"""Who holds hashes of the registry, what they have to drop, and what came from others' feeds."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from sqlite_utils.db import Database

from hashreg.model.feeds import FeedRecord, Holder, PartnerRecord, Recalled, RecordId
from hashreg.model.hashes import FILE_VIEW, HEX_DIGITS, Algorithm, HashItem
from hashreg.model.records import CaseId, FingerprintId, PlatformName
from hashreg.registry.rows import stamp
from hashreg.registry.sealer import LINKS, Sealer

ID_BYTES = 16
_PDQ_BYTES = HEX_DIGITS[Algorithm.PDQ] // 2
_PDQ_BITS, _GOOD = 8 * _PDQ_BYTES, 100


class SqliteFeeds:
    """Holders in SQLite, and hashes that outlive their case until who holds them knows.

    Those are sealed under a data key of their own, which is destroyed with them.
    """

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def find(self, platform: PlatformName) -> Holder | None:
        """Return how far a platform has got, None where it has never fetched."""
        return next((it for it in self.all() if it.platform == platform), None)

    def put(self, holder: Holder) -> None:
        """Keep how far a platform has got."""
        self._db.execute(
            "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?)",
            (holder.platform, holder.begun, holder.given, holder.kept, int(holder.by_hash)),
        )

    def all(self) -> list[Holder]:
        """Return every platform that has ever fetched, by name."""
        return [
            Holder(
                PlatformName(row["platform"]),
                row["begun"],
                row["given"],
                row["kept"],
                bool(row["by_hash"]),
            )
            for row in self._db.query("SELECT * FROM feeds ORDER BY platform")
        ]

    def record_id(self, platform: PlatformName, fingerprint_id: FingerprintId) -> RecordId:
        """Return a platform's name for a picture: always the same, and told nowhere else."""
        return RecordId(self._sealer.token(f"feed of {platform}", fingerprint_id).hex())

    def canary(self, platform: PlatformName) -> FeedRecord:
        """Return a record that is of no picture and that this platform alone is given.

        A PDQ hash has half of its bits set, as nearly every photo's.
        """
        own = self._sealer.token("canaries", platform.encode())
        stream = hashlib.shake_256(own).digest(8 * _PDQ_BITS + 100)
        places, rest = stream[: 8 * _PDQ_BITS], stream[8 * _PDQ_BITS :]
        order = sorted(range(_PDQ_BITS), key=lambda at: places[8 * at : 8 * at + 8])
        bits = sum(1 << at for at in order[: _PDQ_BITS // 2])
        quality = _GOOD - rest[-1] % 4
        items = (
            HashItem(Algorithm.PDQ, "whole", f"{bits:064x}", quality),
            HashItem(Algorithm.SHA256, FILE_VIEW, rest[:32].hex(), None),
            HashItem(Algorithm.MD5, FILE_VIEW, rest[32:48].hex(), None),
        )
        return FeedRecord(self.record_id(platform, FingerprintId(own)), "image", items)

    def keep_recall(self, records: Recalled, sequence: int, at: dt.datetime) -> None:
        """Keep the hashes of withdrawn pictures of one case, told behind an event."""
        name = CaseId(secrets.token_bytes(ID_BYTES))
        self._sealer.begin_cases([name])
        body = b"".join(picture + item.digest for picture, item in records.items())
        sealed = self._sealer.seal(self._sealer.key_of(name), body, "recalls", name)
        row = (name, sealed, sequence, stamp(at))
        self._db.execute("INSERT INTO recalls VALUES (?, ?, ?, ?)", row)

    def recalled(self) -> Recalled:
        """Return all that was withdrawn and is not known yet to all who hold it by hash.

        A row that a backup brought back, whose key was destroyed since, says nothing.
        """
        found: dict[FingerprintId, HashItem] = {}
        for name, sealed in self._db.execute("SELECT recall_id, body FROM recalls").fetchall():
            if not self._sealer.has_case(CaseId(name)):
                continue
            body = self._sealer.open(self._sealer.key_of(CaseId(name)), sealed, "recalls", name)
            size = ID_BYTES + _PDQ_BYTES
            for start in range(0, len(body), size):
                picture, value = body[start : start + ID_BYTES], body[start + ID_BYTES :]
                item = HashItem(Algorithm.PDQ, "whole", value[:_PDQ_BYTES].hex(), None)
                found[FingerprintId(picture)] = item
        return found

    def recall_sequences(self) -> frozenset[int]:
        """Return behind which events hashes are told that are still kept."""
        rows = self._db.execute("SELECT recall_id, sequence FROM recalls").fetchall()
        return frozenset(at for name, at in rows if self._sealer.has_case(CaseId(name)))

    def forget_recalls(self, sequence: int, before: dt.datetime) -> int:
        """Destroy what every holder knows, told up to an event, and what is too old to be told."""
        rows = self._db.execute(
            "SELECT recall_id FROM recalls WHERE sequence <= ? OR made_at < ?",
            (sequence, stamp(before)),
        ).fetchall()
        for (name,) in rows:
            self._db.execute("DELETE FROM recalls WHERE recall_id = ?", (name,))
            self._sealer.doom(CaseId(name))
        return len(rows)

    def recall_ids(self) -> list[CaseId]:
        """Return the names of the data keys that recalls have."""
        return [CaseId(name) for (name,) in self._db.execute("SELECT recall_id FROM recalls")]


class SqlitePartners:
    """What came from others' feeds: keyed digests, and which case each record is, sealed."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def find(self, source: str, record: bytes) -> PartnerRecord | None:
        """Return what was taken in from a source, by the digest of its name there, or None."""
        row = self._db.execute(
            "SELECT content, link FROM partner_records WHERE source = ? AND record = ?",
            (source, record),
        ).fetchone()
        return PartnerRecord(record, row[0], self._case(record, row[1])) if row else None

    def put(self, source: str, record: PartnerRecord) -> None:
        """Keep what a record said, and which case it is."""
        link = None
        if record.case_id is not None:
            link = self._sealer.seal(LINKS, record.case_id, "partner_records", record.record)
        self._db.execute(
            "INSERT OR REPLACE INTO partner_records VALUES (?, ?, ?, ?)",
            (source, record.record, record.content, link),
        )

    def some(self, source: str, most: int) -> list[PartnerRecord]:
        """Return at most ``most`` of the records of a source."""
        rows = self._db.query(
            "SELECT record, content, link FROM partner_records WHERE source = ? LIMIT ?",
            [source, most],
        )
        return [
            PartnerRecord(it["record"], it["content"], self._case(it["record"], it["link"]))
            for it in rows
        ]

    def forget(self, source: str, records: Sequence[PartnerRecord]) -> None:
        """Forget records of a source."""
        self._db.conn.executemany(
            "DELETE FROM partner_records WHERE source = ? AND record = ?",
            [(source, it.record) for it in records],
        )

    def digest(self, text: str) -> bytes:
        """Return what stands for a text of a partner's: keyed, so that it can't be guessed."""
        return self._sealer.token("partners", text.encode("utf-8", "surrogatepass"))

    def _case(self, record: bytes, link: bytes | None) -> CaseId | None:
        if link is None:
            return None
        return CaseId(self._sealer.open(LINKS, link, "partner_records", record))
