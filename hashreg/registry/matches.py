"""Matches and the verdicts on them."""

import datetime as dt
import json
from collections.abc import Iterator

from sqlite_utils.db import Database

from hashreg.model.hashes import Algorithm
from hashreg.model.matches import (
    NOTHING_COMPARED,
    Explanation,
    SecondSignal,
    Shape,
    ShapeOnly,
    Ticket,
    Tier,
)
from hashreg.model.records import (
    CaseId,
    FingerprintId,
    MatchState,
    PlatformName,
    ReportId,
    StoredMatch,
    StoredVerdict,
)
from hashreg.model.reports import ContentId
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.holds import ID_BYTES
from hashreg.registry.names import Names
from hashreg.registry.rows import Row, moment, stamp
from hashreg.registry.sealer import LINKS, SEALED, Sealer

WITHHELD = 1
"""In the column of that name; 0 where nothing was withheld, 2 where it is told after all."""


class SqliteMatches:
    """Matches in SQLite."""

    def __init__(self, db: Database, sealer: Sealer, names: Names) -> None:
        self._db, self._sealer, self._names = db, sealer, names

    def put(self, match: StoredMatch) -> None:
        """Keep a match, in place of the one with the same ticket."""
        explanation = match.explanation
        self._db.execute(
            "INSERT OR REPLACE INTO matches VALUES (:ticket, :report_id, :link, :platform,"
            " :content, :tier, :algorithm, :distance, :view, :query_view, :agreeing_views,"
            " :second_signal, :suspicious, :state, :found_at, :sealing, :fingerprint_id,"
            " :shape, :removed_at, :withheld)",
            {
                "ticket": match.ticket,
                "report_id": match.report_id,
                "link": self._case(match.case_id),
                "fingerprint_id": self._picture(match.fingerprint_id),
                "platform": match.platform,
                "content": self._sealed(match),
                "state": match.state.value,
                "found_at": stamp(match.found_at),
                "removed_at": stamp(match.removed_at) if match.removed_at else None,
                "sealing": SEALED,
                "withheld": match.withheld,
            }
            | explanation.as_json()
            | _columns(explanation),
        )

    def find(self, ticket: Ticket) -> StoredMatch | None:
        """Return the match of this ticket, or None."""
        rows = self._db.query("SELECT * FROM matches WHERE ticket = ?", [ticket])
        return next(map(self._match, rows), None)

    def of_report(self, report_id: ReportId) -> list[StoredMatch]:
        """Return the matches of one content item."""
        rows = self._db.query("SELECT * FROM matches WHERE report_id = ?", [report_id])
        return list(map(self._match, rows))

    def of_case(self, case_id: CaseId) -> list[StoredMatch]:
        """Return the matches of one case."""
        rows = self._db.query("SELECT * FROM matches WHERE link = ?", [self._case(case_id)])
        return list(map(self._match, rows))

    def of_fingerprint(self, fingerprint_id: FingerprintId) -> list[StoredMatch]:
        """Return the matches of one registered picture."""
        token = self._picture(fingerprint_id)
        rows = self._db.query("SELECT * FROM matches WHERE fingerprint_id = ?", [token])
        return list(map(self._match, rows))

    def count_since(self, fingerprint_id: FingerprintId, since: dt.datetime) -> int:
        """Return how many content items one registered picture was found in after ``since``.

        What is or was withheld is not counted: one asker alone shall not bring a picture to be
        held, nor shall a person who decides that it is told after all.
        """
        rows = self._db.execute(
            "SELECT count(*) FROM matches WHERE fingerprint_id = ? AND found_at > ?"
            " AND withheld = 0",
            (self._picture(fingerprint_id), stamp(since)),
        )
        return int(rows.fetchone()[0])

    def has_verdict(self, fingerprint_id: FingerprintId, verdict: Verdict) -> bool:
        """Tell whether somebody ever gave a match of this picture this verdict."""
        rows = self._db.execute(
            "SELECT 1 FROM matches JOIN verdicts USING (ticket)"
            " WHERE fingerprint_id = ? AND verdict = ?",
            (self._picture(fingerprint_id), verdict.value),
        )
        return rows.fetchone() is not None

    def deciders(self, fingerprint_id: FingerprintId, verdict: Verdict) -> set[str]:
        """Return whose verdict on a match of this picture is this one, and the last on it."""
        rows = self._db.execute(
            "SELECT actor FROM matches JOIN verdicts USING (ticket) WHERE fingerprint_id = ?"
            " AND verdict = ? AND sequence = (SELECT max(sequence) FROM verdicts AS later"
            " WHERE later.ticket = matches.ticket)",
            (self._picture(fingerprint_id), verdict.value),
        )
        return {self._names.name(row[0]) for row in rows}

    def queue(self, state: MatchState | None) -> Iterator[StoredMatch]:
        """Yield the matches in a state (None: all): surest first, then the oldest, by ticket."""
        rows = self._db.query(
            "SELECT * FROM matches WHERE state = coalesce(?, state)"
            " ORDER BY tier, distance, found_at, ticket",
            [state.value if state else None],
        )
        return map(self._match, rows)

    def queue_page(
        self, state: MatchState | None, after: StoredMatch | None, most: int
    ) -> list[StoredMatch]:
        """Return at most ``most`` of the queue, with ``after`` those that follow its place."""
        found: list[StoredMatch] = []
        for each in MatchState if state is None else (state,):  # so that one index serves all
            rows = self._db.query(
                "SELECT * FROM matches WHERE state = ?"
                " AND (tier, distance, found_at, ticket) > (?, ?, ?, ?)"
                " ORDER BY tier, distance, found_at, ticket LIMIT ?",
                [each.value, *(_place(after) if after else ("", 0, "", "")), most],
            )
            found += map(self._match, rows)
        return sorted(found, key=_place)[:most]

    def of_platform(
        self,
        platform: PlatformName,
        state: MatchState | None,
        after: StoredMatch | None,
        most: int,
    ) -> list[StoredMatch]:
        """Return at most ``most`` of a platform's matches in a state (None: all).

        Those that are withheld from it are left out. The oldest come first, those of one moment by
        ticket; with ``after`` those that follow it.
        """
        behind = (stamp(after.found_at), after.ticket) if after else ("", "")
        found: list[StoredMatch] = []
        for each in MatchState if state is None else (state,):  # so that one index serves all
            rows = self._db.query(
                "SELECT * FROM matches WHERE platform = ? AND state = ? AND withheld <> 1"
                " AND (found_at, ticket) > (?, ?) ORDER BY found_at, ticket LIMIT ?",
                [platform, each.value, *behind, most],
            )
            found += map(self._match, rows)
        return sorted(found, key=lambda match: (match.found_at, match.ticket))[:most]

    def show_withheld(self, fingerprint_id: FingerprintId, platform: PlatformName) -> int:
        """Withhold no match of a picture from a platform any more; return how many they were."""
        cursor = self._db.execute(
            "UPDATE matches SET withheld = 2 WHERE fingerprint_id = ? AND platform = ?"
            " AND withheld = 1",
            (self._picture(fingerprint_id), platform),
        )
        return cursor.rowcount

    def delete_of_case(self, case_id: CaseId) -> None:
        """Delete the matches of an erased case; verdicts stay, they name only tickets."""
        self._db.execute("DELETE FROM matches WHERE link = ?", (self._case(case_id),))

    def _case(self, case_id: CaseId) -> bytes:
        return self._sealer.token("matches of a case", case_id)

    def _picture(self, fingerprint_id: FingerprintId) -> bytes:
        return self._sealer.token("matches of a picture", fingerprint_id)

    def _sealed(self, match: StoredMatch) -> bytes:
        """Return the case, the picture and the content that a match is of, sealed."""
        content = match.content_id.encode("utf-8", "surrogatepass")
        return self._sealer.seal(
            LINKS,
            match.case_id + match.fingerprint_id + content,
            "matches",
            match.ticket.encode("ascii"),
        )

    def _match(self, row: Row) -> StoredMatch:
        opened = self._sealer.open(LINKS, row["content"], "matches", row["ticket"].encode("ascii"))
        content = opened[2 * ID_BYTES :]
        return StoredMatch(
            Ticket(row["ticket"]),
            CaseId(opened[:ID_BYTES]),
            FingerprintId(opened[ID_BYTES : 2 * ID_BYTES]),
            ReportId(row["report_id"]),
            PlatformName(row["platform"]),
            ContentId(content.decode("utf-8", "surrogatepass")),
            _explanation(row),
            MatchState(row["state"]),
            moment(row["found_at"]),
            removed_at=moment(row["removed_at"]) if row["removed_at"] else None,
            withheld=row["withheld"] == WITHHELD,
        )

    def add_verdict(self, ticket: Ticket, verdict: StoredVerdict) -> None:
        """Keep a decision beside those before it."""
        reason = verdict.decision.reason
        self._db.execute(
            "INSERT INTO verdicts (ticket, verdict, reason, actor, decided_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                ticket,
                verdict.decision.verdict.value,
                reason.value if reason else None,
                self._names.commitment(verdict.actor),
                stamp(verdict.decided_at),
            ),
        )

    def verdicts(self, ticket: Ticket) -> list[StoredVerdict]:
        """Return the decisions on a match, oldest first."""
        rows = self._db.query("SELECT * FROM verdicts WHERE ticket = ? ORDER BY sequence", [ticket])
        return [self._verdict(row) for row in rows]

    def _verdict(self, row: Row) -> StoredVerdict:
        reason = Reason(row["reason"]) if row["reason"] else None
        return StoredVerdict(
            Decision(Verdict(row["verdict"]), reason),
            self._names.name(row["actor"]),
            moment(row["decided_at"]),
        )


def _place(match: StoredMatch) -> tuple[str, int, str, str]:
    """Return what a match's place in the queue goes by: surest, oldest, then the ticket."""
    distance = match.explanation.distance
    return (
        match.explanation.tier.value,
        NOTHING_COMPARED if distance is None else distance,
        stamp(match.found_at),
        match.ticket,
    )


def _columns(explanation: Explanation) -> dict[str, object]:
    """Return the columns that hold other values than the JSON of an explanation."""
    distance, shape = explanation.distance, explanation.shape
    return {
        "distance": NOTHING_COMPARED if distance is None else distance,
        "shape": json.dumps(shape.as_json()) if shape else None,
    }


def _explanation(row: Row) -> Explanation:
    name, distance = row["algorithm"], row["distance"]
    return Explanation(
        Tier(row["tier"]),
        ShapeOnly(name) if name in set(ShapeOnly) else Algorithm(name),
        None if distance == NOTHING_COMPARED else distance,
        row["view"],
        row["query_view"],
        row["agreeing_views"],
        SecondSignal(row["second_signal"]) if row["second_signal"] else None,
        bool(row["suspicious"]),
        shape=Shape(**json.loads(row["shape"])) if row["shape"] else None,
    )
