"""Pictures held for a person, and the harmless pictures that registrations collide with."""

import datetime as dt
from collections.abc import Iterator

from sqlite_utils.db import Database

from hashreg.model.records import (
    BenignId,
    BenignPicture,
    CaseId,
    FingerprintId,
    Hold,
    HoldReason,
    ModeratorName,
    PictureState,
    Vote,
)
from hashreg.registry.rows import Row, fingerprint_columns, fingerprint_of, moment, stamp
from hashreg.registry.sealer import BENIGN, LINKS, SEALED, Sealer

ID_BYTES = 16


class SqliteHolds:
    """Holds in SQLite; one for each picture that was ever held."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def put(self, hold: Hold) -> None:
        """Keep a hold, in place of the one on the same picture."""
        row = self._row(hold.fingerprint_id)
        both = hold.fingerprint_id + hold.case_id
        self._db.execute(
            "INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row,
                self._sealer.token("holds of a case", hold.case_id),
                hold.reason.value,
                hold.detail,
                hold.state.value,
                stamp(hold.held_at),
                SEALED,
                self._sealer.seal(LINKS, both, "holds", row),
            ),
        )

    def find(self, fingerprint_id: FingerprintId) -> Hold | None:
        """Return the hold on a picture, decided or not, or None."""
        row = self._row(fingerprint_id)
        rows = self._db.query("SELECT * FROM holds WHERE fingerprint_id = ?", [row])
        return next(map(self._hold, rows), None)

    def all(self, state: PictureState | None) -> Iterator[Hold]:
        """Yield the holds in a state (None: all), oldest first."""
        rows = self._db.query(
            "SELECT * FROM holds WHERE state = coalesce(?, state) ORDER BY held_at",
            [state.value if state else None],
        )
        return map(self._hold, rows)

    def states(self) -> dict[FingerprintId, PictureState]:
        """Return how every picture that was ever held stands."""
        return {hold.fingerprint_id: hold.state for hold in self.all(None)}

    def of_case(self, case_id: CaseId) -> list[Hold]:
        """Return the holds on a case's pictures."""
        token = self._sealer.token("holds of a case", case_id)
        return list(map(self._hold, self._db.query("SELECT * FROM holds WHERE link = ?", [token])))

    def put_vote(self, fingerprint_id: FingerprintId, vote: Vote, at: dt.datetime) -> None:
        """Keep a moderator's vote on a held picture, in place of their last one."""
        self._db.execute(
            "INSERT OR REPLACE INTO hold_votes VALUES (?, ?, ?, ?)",
            (self._row(fingerprint_id), vote.moderator, vote.state.value, stamp(at)),
        )

    def votes(self, fingerprint_id: FingerprintId) -> list[Vote]:
        """Return the votes on a held picture, the oldest first."""
        rows = self._db.query(
            "SELECT * FROM hold_votes WHERE fingerprint_id = ? ORDER BY given_at, moderator",
            [self._row(fingerprint_id)],
        )
        return [Vote(ModeratorName(it["moderator"]), PictureState(it["state"])) for it in rows]

    def delete_of_case(self, case_id: CaseId) -> None:
        """Forget the holds on a case's pictures."""
        token = (self._sealer.token("holds of a case", case_id),)
        self._db.execute(
            "DELETE FROM hold_votes WHERE fingerprint_id IN"
            " (SELECT fingerprint_id FROM holds WHERE link = ?)",
            token,
        )
        self._db.execute("DELETE FROM holds WHERE link = ?", token)

    def _row(self, fingerprint_id: FingerprintId) -> bytes:
        return self._sealer.token("holds", fingerprint_id)

    def _hold(self, row: Row) -> Hold:
        both = self._sealer.open(LINKS, row["sealed"], "holds", row["fingerprint_id"])
        return Hold(
            FingerprintId(both[:ID_BYTES]),
            CaseId(both[ID_BYTES:]),
            HoldReason(row["reason"]),
            row["detail"],
            PictureState(row["state"]),
            moment(row["held_at"]),
        )


class SqliteBenign:
    """Widely shared harmless pictures in SQLite."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def add(self, picture: BenignPicture) -> None:
        """Keep one more."""
        self._db.execute(
            "INSERT INTO benign VALUES (:benign_id, :note, :media, :recipe, :quality, :body,"
            " :added_at, :sealing)",
            {
                "benign_id": picture.benign_id,
                "note": picture.note,
                "added_at": stamp(picture.added_at),
            }
            | fingerprint_columns(
                picture.fingerprint,
                lambda body: self._sealer.seal(BENIGN, body, "benign", picture.benign_id),
            ),
        )

    def all(self) -> Iterator[BenignPicture]:
        """Yield all of them, oldest first."""
        return map(self._benign, self._db.query("SELECT * FROM benign ORDER BY added_at"))

    def remove(self, benign_id: BenignId) -> bool:
        """Forget one; False where there is none of this name."""
        cursor = self._db.execute("DELETE FROM benign WHERE benign_id = ?", (benign_id,))
        return cursor.rowcount > 0

    def _benign(self, row: Row) -> BenignPicture:
        body = self._sealer.open(BENIGN, row["body"], "benign", row["benign_id"])
        return BenignPicture(
            BenignId(row["benign_id"]),
            row["note"],
            fingerprint_of(row, body),
            moment(row["added_at"]),
        )
