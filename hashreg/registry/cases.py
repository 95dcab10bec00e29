"""Cases, their fingerprints, the documents taken in, and withdrawals that wait for their case."""

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator

from sqlite_utils.db import Database

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.records import (
    CaseId,
    CaseRecord,
    FingerprintId,
    PictureState,
    StoredFingerprint,
)
from hashreg.model.submissions import PublicKeyHex
from hashreg.registry.rows import Row, fingerprint_columns, fingerprint_of, moment, stamp

ID_BYTES = 16
_PICTURES = (
    "SELECT fingerprints.*, holds.state FROM fingerprints LEFT JOIN holds USING (fingerprint_id)"
)


class SqliteCases:
    """Cases in SQLite."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, number: CaseNumber) -> CaseRecord | None:
        """Return the case of this number, or None."""
        rows = self._db.query("SELECT * FROM cases WHERE number = ?", [number])
        return next(map(_case, rows), None)

    def get(self, case_id: CaseId) -> CaseRecord:
        """Return a case that is known to be there."""
        return next(map(_case, self._db.query("SELECT * FROM cases WHERE case_id = ?", [case_id])))

    def all(self) -> Iterator[CaseRecord]:
        """Yield every case."""
        return map(_case, self._db.query("SELECT * FROM cases"))

    def page(
        self, state: CaseState | None, after: CaseNumber | None, most: int
    ) -> list[CaseRecord]:
        """Return at most ``most`` cases in a state (None: all), by number, after a number."""
        rows = self._db.query(
            "SELECT * FROM cases WHERE number > ? AND state = coalesce(?, state)"
            " ORDER BY number LIMIT ?",
            [after or "", state.value if state else None, most],
        )
        return list(map(_case, rows))

    def add(self, case: CaseRecord) -> None:
        """Keep a new case, without fingerprints."""
        self._db.execute(
            "INSERT INTO cases (case_id, number, state, public_key, document, received_at,"
            " contents) VALUES (?, ?, ?, ?, ?, ?, x'')",
            (
                case.case_id,
                case.number,
                case.state.value,
                case.public_key,
                case.document,
                stamp(case.received_at),
            ),
        )

    def set_state(self, case_id: CaseId, state: CaseState) -> None:
        """Write a case's new state."""
        self._db.execute("UPDATE cases SET state = ? WHERE case_id = ?", (state.value, case_id))

    def add_fingerprints(
        self, case_id: CaseId, fingerprints: Iterable[Fingerprint]
    ) -> list[FingerprintId]:
        """Keep the hashes of more pictures of a case."""
        ids = []
        for fingerprint in fingerprints:
            fingerprint_id = FingerprintId(secrets.token_bytes(ID_BYTES))
            ids.append(fingerprint_id)
            self._db.execute(
                "INSERT INTO fingerprints VALUES "
                "(:fingerprint_id, :link, :media, :recipe, :quality, :body, :sealing)",
                {"fingerprint_id": fingerprint_id, "link": case_id}
                | fingerprint_columns(fingerprint),
            )
        self._db.execute(
            "UPDATE cases SET contents = CAST(contents || ? AS BLOB) WHERE case_id = ?",
            (b"".join(ids), case_id),
        )
        return ids

    def fingerprint_ids(self, case_id: CaseId) -> list[FingerprintId]:
        """Return the fingerprints that a case has."""
        row = self._db.execute(
            "SELECT contents FROM cases WHERE case_id = ?", (case_id,)
        ).fetchone()
        contents: bytes = row[0]
        return [
            FingerprintId(contents[start : start + ID_BYTES])
            for start in range(0, len(contents), ID_BYTES)
        ]

    def count_fingerprints(self) -> int:
        """Return how many registered pictures there are, without looking at their hashes."""
        row = self._db.execute("SELECT total(length(contents)) FROM cases").fetchone()
        return int(row[0]) // ID_BYTES

    def erase_fingerprints(self, case_id: CaseId) -> list[FingerprintId]:
        """Delete all hashes of a case and return whose they were."""
        ids = self.fingerprint_ids(case_id)
        for fingerprint_id in ids:
            for table in ("fingerprints", "holds"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE fingerprint_id = ?",  # noqa: S608
                    (fingerprint_id,),
                )
        self._db.execute("UPDATE cases SET contents = x'' WHERE case_id = ?", (case_id,))
        return ids

    def fingerprint(self, fingerprint_id: FingerprintId) -> StoredFingerprint | None:
        """Return one registered picture's hashes, or None where they are erased."""
        rows = self._db.query(f"{_PICTURES} WHERE fingerprint_id = ?", [fingerprint_id])
        return next(map(_fingerprint, rows), None)

    def fingerprints(self) -> Iterator[StoredFingerprint]:
        """Yield every registered picture's hashes."""
        return map(_fingerprint, self._db.query(_PICTURES))

    def knows_document(self, digest: str) -> bool:
        """Tell whether this submission or addition was taken in already."""
        rows = self._db.execute("SELECT 1 FROM documents WHERE digest = ?", (digest,))
        return rows.fetchone() is not None

    def add_document(self, digest: str, case_id: CaseId, at: dt.datetime) -> None:
        """Remember that a document was taken in."""
        self._db.execute(
            "INSERT INTO documents (digest, link, received_at) VALUES (?, ?, ?)",
            (digest, case_id, stamp(at)),
        )

    def add_tombstone(self, number: CaseNumber, key: PublicKeyHex, at: dt.datetime) -> None:
        """Remember a withdrawal for good, also of a case that has not arrived."""
        self._db.execute(
            "INSERT OR IGNORE INTO tombstones VALUES (?, ?, ?)", (number, key, stamp(at))
        )

    def has_tombstone(self, number: CaseNumber, key: PublicKeyHex) -> bool:
        """Tell whether the holder of this key has withdrawn this case."""
        rows = self._db.execute(
            "SELECT 1 FROM tombstones WHERE number = ? AND public_key = ?", (number, key)
        )
        return rows.fetchone() is not None

    def erase(self, case_id: CaseId) -> None:
        """Forget what a withdrawn case still held: key, documents' digests, delegations."""
        for table in ("documents", "delegations"):
            self._db.execute(f"DELETE FROM {table} WHERE link = ?", (case_id,))  # noqa: S608
        self._db.execute(
            "UPDATE cases SET public_key = '', document = '' WHERE case_id = ?", (case_id,)
        )


def _case(row: Row) -> CaseRecord:
    return CaseRecord(
        CaseId(row["case_id"]),
        CaseNumber(row["number"]),
        CaseState(row["state"]),
        PublicKeyHex(row["public_key"]),
        row["document"],
        moment(row["received_at"]),
    )


def _fingerprint(row: Row) -> StoredFingerprint:
    return StoredFingerprint(
        FingerprintId(row["fingerprint_id"]),
        CaseId(row["link"]),
        fingerprint_of(row),
        PictureState(row["state"] or PictureState.ACTIVE),
    )
