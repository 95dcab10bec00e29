"""Which helpers may act for which cases."""

import datetime as dt

from sqlite_utils.db import Database

from hashreg.model.names import HelperName
from hashreg.model.records import CaseId, Delegation
from hashreg.registry.rows import Row, moment, stamp
from hashreg.registry.sealer import SEALED, Sealer


class SqliteDelegations:
    """Delegations in SQLite; one row for each case and helper."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def put(self, delegation: Delegation) -> None:
        """Keep a delegation, in place of the one of the same case and helper."""
        given, revoked = delegation.given_at, delegation.revoked_at
        self._db.execute(
            "INSERT OR REPLACE INTO delegations VALUES (?, ?, ?, ?, ?, ?)",
            (
                self._token(delegation.case_id),
                delegation.helper,
                stamp(given) if given else None,
                stamp(revoked) if revoked else None,
                delegation.revoked_on.isoformat() if delegation.revoked_on else None,
                SEALED,
            ),
        )

    def find(self, case_id: CaseId, helper: HelperName) -> Delegation | None:
        """Return what is known of a helper in a case, or None."""
        rows = self._db.query(
            "SELECT * FROM delegations WHERE link = ? AND helper = ?",
            [self._token(case_id), helper],
        )
        return next((_delegation(row, case_id) for row in rows), None)

    def of_case(self, case_id: CaseId) -> list[Delegation]:
        """Return all that a case ever had, by the helper's name."""
        rows = self._db.query(
            "SELECT * FROM delegations WHERE link = ? ORDER BY 2", [self._token(case_id)]
        )
        return [_delegation(row, case_id) for row in rows]

    def _token(self, case_id: CaseId) -> bytes:
        return self._sealer.token("delegations", case_id)


def _delegation(row: Row, case_id: CaseId) -> Delegation:
    given, revoked, on = row["given_at"], row["revoked_at"], row["revoked_on"]
    return Delegation(
        case_id,
        HelperName(row["helper"]),
        moment(given) if given else None,
        moment(revoked) if revoked else None,
        dt.date.fromisoformat(on) if on else None,
    )
