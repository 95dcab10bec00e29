"""Pictures held for a person, and the harmless pictures that registrations collide with."""

from collections.abc import Iterator

from sqlite_utils.db import Database

from hashreg.model.records import (
    BenignId,
    BenignPicture,
    CaseId,
    FingerprintId,
    Hold,
    HoldReason,
    PictureState,
)
from hashreg.registry.rows import PLAIN, Row, fingerprint_columns, fingerprint_of, moment, stamp


class SqliteHolds:
    """Holds in SQLite; one for each picture that was ever held."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, hold: Hold) -> None:
        """Keep a hold, in place of the one on the same picture."""
        self._db.execute(
            "INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                hold.fingerprint_id,
                hold.case_id,
                hold.reason.value,
                hold.detail,
                hold.state.value,
                stamp(hold.held_at),
                PLAIN,
            ),
        )

    def find(self, fingerprint_id: FingerprintId) -> Hold | None:
        """Return the hold on a picture, decided or not, or None."""
        rows = self._db.query("SELECT * FROM holds WHERE fingerprint_id = ?", [fingerprint_id])
        return next(map(_hold, rows), None)

    def all(self, state: PictureState | None) -> Iterator[Hold]:
        """Yield the holds in a state (None: all), oldest first."""
        rows = self._db.query(
            "SELECT * FROM holds WHERE state = coalesce(?, state) ORDER BY held_at",
            [state.value if state else None],
        )
        return map(_hold, rows)

    def of_case(self, case_id: CaseId) -> list[Hold]:
        """Return the holds on a case's pictures."""
        return list(map(_hold, self._db.query("SELECT * FROM holds WHERE link = ?", [case_id])))


class SqliteBenign:
    """Widely shared harmless pictures in SQLite."""

    def __init__(self, db: Database) -> None:
        self._db = db

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
            | fingerprint_columns(picture.fingerprint),
        )

    def all(self) -> Iterator[BenignPicture]:
        """Yield all of them, oldest first."""
        return map(_benign, self._db.query("SELECT * FROM benign ORDER BY added_at"))

    def remove(self, benign_id: BenignId) -> bool:
        """Forget one; False where there is none of this name."""
        cursor = self._db.execute("DELETE FROM benign WHERE benign_id = ?", (benign_id,))
        return cursor.rowcount > 0


def _hold(row: Row) -> Hold:
    return Hold(
        FingerprintId(row["fingerprint_id"]),
        CaseId(row["link"]),
        HoldReason(row["reason"]),
        row["detail"],
        PictureState(row["state"]),
        moment(row["held_at"]),
    )


def _benign(row: Row) -> BenignPicture:
    return BenignPicture(
        BenignId(row["benign_id"]), row["note"], fingerprint_of(row), moment(row["added_at"])
    )
