"""Cases, their fingerprints, the documents taken in, and withdrawals that wait for their case."""

import contextlib
import datetime as dt
import secrets
import sqlite3
from collections.abc import Iterable, Iterator

from sqlite_utils.db import Database

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.records import (
    CaseId,
    CaseRecord,
    FingerprintId,
    PictureState,
    StoredFingerprint,
)
from hashreg.model.submissions import PublicKeyHex
from hashreg.registry.holds import ID_BYTES, SqliteHolds
from hashreg.registry.rows import Row, fingerprint_columns, fingerprint_of, moment, stamp
from hashreg.registry.sealer import LINKS, OVERHEAD, SEALED, Sealer

TABLE = "fingerprints"


class SqliteCases:
    """Cases in SQLite, each with a data key of its own for its hashes."""

    def __init__(self, db: Database, sealer: Sealer, holds: SqliteHolds) -> None:
        self._db, self._sealer, self._holds = db, sealer, holds

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

    def add(self, *cases: CaseRecord) -> None:
        """Keep new cases, without fingerprints."""
        self._sealer.begin_cases(case.case_id for case in cases)
        for case in cases:
            self._add(case)

    def _add(self, case: CaseRecord) -> None:
        self._db.execute(
            "INSERT INTO cases (case_id, number, state, public_key, document, received_at,"
            " contents, channel, sequence) VALUES (?, ?, ?, ?, ?, ?, x'', ?, ?)",
            (
                case.case_id,
                case.number,
                case.state.value,
                case.public_key,
                case.document,
                stamp(case.received_at),
                case.channel,
                case.sequence,
            ),
        )

    def set_state(self, case_id: CaseId, state: CaseState) -> None:
        """Write a case's new state."""
        self._db.execute("UPDATE cases SET state = ? WHERE case_id = ?", (state.value, case_id))

    def add_fingerprints(
        self, case_id: CaseId, fingerprints: Iterable[Fingerprint]
    ) -> list[FingerprintId]:
        """Keep the hashes of more pictures of a case."""
        ids = [self._add_fingerprint(case_id, it) for it in fingerprints]
        contents = b"".join((*self.fingerprint_ids(case_id), *ids))
        sealed = self._sealer.seal(self._sealer.key_of(case_id), contents, "cases", case_id)
        self._db.execute(
            "UPDATE cases SET contents = ?, sealing = ? WHERE case_id = ?",
            (sealed, SEALED, case_id),
        )
        return ids

    def _add_fingerprint(self, case_id: CaseId, fingerprint: Fingerprint) -> FingerprintId:
        made = FingerprintId(secrets.token_bytes(ID_BYTES))
        key = self._sealer.key_of(case_id)
        self._db.execute(
            "INSERT INTO fingerprints VALUES "
            "(:fingerprint_id, :link, :media, :recipe, :quality, :body, :sealing)",
            {"fingerprint_id": made, "link": self._sealer.seal(LINKS, case_id, TABLE, made)}
            | fingerprint_columns(
                fingerprint, lambda body: self._sealer.seal(key, body, TABLE, made)
            ),
        )
        return made

    def lost(self) -> list[CaseRecord]:
        """Return the cases that nobody can read: their data key is destroyed, and they are not.

        So it is where the data keys are newer than the database, and a case was withdrawn between.
        """
        ended = {CaseState.WITHDRAWN, CaseState.ERASED}
        return [
            it
            for it in self.all()
            if it.state not in ended and not self._sealer.has_case(it.case_id)
        ]

    def fingerprint_ids(self, case_id: CaseId) -> list[FingerprintId]:
        """Return the fingerprints that a case has; of one without its key by looking at all."""
        row = self._db.execute(
            "SELECT contents FROM cases WHERE case_id = ?", (case_id,)
        ).fetchone()
        if not row[0]:
            return []
        if not self._sealer.has_case(case_id):
            return self._linked_to(case_id)
        key = self._sealer.key_of(case_id)
        contents = self._sealer.open(key, row[0], "cases", case_id)
        return [
            FingerprintId(contents[start : start + ID_BYTES])
            for start in range(0, len(contents), ID_BYTES)
        ]

    def _linked_to(self, case_id: CaseId) -> list[FingerprintId]:
        rows = self._db.execute("SELECT fingerprint_id, link FROM fingerprints").fetchall()
        return [
            FingerprintId(name)
            for name, link in rows
            if self._sealer.open(LINKS, link, TABLE, name) == case_id
        ]

    def count_fingerprints(self) -> int:
        """Return how many registered pictures there are, without looking at their hashes."""
        row = self._db.execute(
            "SELECT total(length(contents) - ?) FROM cases WHERE contents <> x''", (OVERHEAD,)
        ).fetchone()
        return int(row[0]) // ID_BYTES

    def erase_fingerprints(self, case_id: CaseId) -> list[FingerprintId]:
        """Delete all hashes of a case, and its data key, and return whose they were."""
        ids = self.fingerprint_ids(case_id)
        self._db.conn.executemany(
            "DELETE FROM fingerprints WHERE fingerprint_id = ?", [(it,) for it in ids]
        )
        self._holds.delete_of_case(case_id)
        self._db.execute("UPDATE cases SET contents = x'' WHERE case_id = ?", (case_id,))
        self._sealer.doom(case_id)
        return ids

    def fingerprint(self, fingerprint_id: FingerprintId) -> StoredFingerprint | None:
        """Return one registered picture's hashes, or None where they are erased."""
        rows = self._db.query(
            "SELECT * FROM fingerprints WHERE fingerprint_id = ?", [fingerprint_id]
        )
        for row in rows:
            hold = self._holds.find(fingerprint_id)
            return self._fingerprint(row, hold.state if hold else PictureState.ACTIVE)
        return None

    def fingerprints(self) -> Iterator[StoredFingerprint]:
        """Yield every registered picture's hashes."""
        held = self._holds.states()
        for row in self._db.query("SELECT * FROM fingerprints"):
            state = held.get(row["fingerprint_id"], PictureState.ACTIVE)
            if (found := self._fingerprint(row, state)) is not None:
                yield found

    def _fingerprint(self, row: Row, state: PictureState) -> StoredFingerprint | None:
        """Return the picture of a row; None where it is withdrawn since this view was taken."""
        name = FingerprintId(row["fingerprint_id"])
        case_id = CaseId(self._sealer.open(LINKS, row["link"], TABLE, name))
        try:
            body = self._sealer.open(self._sealer.key_of(case_id), row["body"], TABLE, name)
        except RegistryUnavailable:
            if self._is_gone_by_now(name):
                return None
            raise
        return StoredFingerprint(name, case_id, fingerprint_of(row, body), state)

    def _is_gone_by_now(self, name: FingerprintId) -> bool:
        """Tell whether others have deleted a picture that this view of the registry still shows."""
        path = self._db.execute("PRAGMA database_list").fetchone()[2]
        with contextlib.closing(sqlite3.connect(path)) as now:
            rows = now.execute("SELECT 1 FROM fingerprints WHERE fingerprint_id = ?", (name,))
            return rows.fetchone() is None

    def knows_document(self, digest: str) -> bool:
        """Tell whether this submission or addition was taken in already."""
        rows = self._db.execute("SELECT 1 FROM documents WHERE digest = ?", (digest,))
        return rows.fetchone() is not None

    def add_document(self, digest: str, case_id: CaseId, at: dt.datetime) -> None:
        """Remember that a document was taken in."""
        self._db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?)",
            (digest, self._sealer.token("documents", case_id), stamp(at), SEALED),
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
            token = self._sealer.token(table, case_id)
            self._db.execute(f"DELETE FROM {table} WHERE link = ?", (token,))  # noqa: S608
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
        row["channel"],
        row["sequence"],
    )
