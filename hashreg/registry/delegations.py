"""Which helpers may act for which cases."""

import datetime as dt

from sqlite_utils.db import Database

from hashreg.model.names import HelperName
from hashreg.model.records import CaseId, Delegation
from hashreg.registry.rows import PLAIN, Row, moment, stamp


class SqliteDelegations:
    """Delegations in SQLite; one row for each case and helper."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, delegation: Delegation) -> None:
        """Keep a delegation, in place of the one of the same case and helper."""
        given, revoked = delegation.given_at, delegation.revoked_at
        self._db.execute(
            "INSERT OR REPLACE INTO delegations VALUES (?, ?, ?, ?, ?, ?)",
            (
                delegation.case_id,
                delegation.helper,
                stamp(given) if given else None,
                stamp(revoked) if revoked else None,
                delegation.revoked_on.isoformat() if delegation.revoked_on else None,
                PLAIN,
            ),
        )

    def find(self, case_id: CaseId, helper: HelperName) -> Delegation | None:
        """Return what is known of a helper in a case, or None."""
        rows = self._db.query(
            "SELECT * FROM delegations WHERE link = ? AND helper = ?", [case_id, helper]
        )
        return next(map(_delegation, rows), None)

    def of_case(self, case_id: CaseId) -> list[Delegation]:
        """Return all that a case ever had, by the helper's name."""
        rows = self._db.query("SELECT * FROM delegations WHERE link = ? ORDER BY 2", [case_id])
        return list(map(_delegation, rows))


def _delegation(row: Row) -> Delegation:
    given, revoked, on = row["given_at"], row["revoked_at"], row["revoked_on"]
    return Delegation(
        CaseId(row["link"]),
        HelperName(row["helper"]),
        moment(given) if given else None,
        moment(revoked) if revoked else None,
        dt.date.fromisoformat(on) if on else None,
    )
