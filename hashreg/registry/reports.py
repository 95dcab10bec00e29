"""Platforms' reports, kept so that a picture registered tomorrow finds yesterday's report."""

import datetime as dt
from collections.abc import Iterator

from sqlite_utils.db import Database

from hashreg.model.records import PlatformName, ReportId, StoredReport
from hashreg.model.reports import ContentId
from hashreg.registry.rows import Row, fingerprint_columns, fingerprint_of, moment, stamp
from hashreg.registry.sealer import REPORTS, Sealer


class SqliteReports:
    """Reports in SQLite; a content id is looked up by a keyed digest of it."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def find(self, platform: PlatformName, content_id: ContentId) -> StoredReport | None:
        """Return what is kept of a content item, or None."""
        rows = self._db.query(
            "SELECT * FROM reports WHERE platform = ? AND content_key = ?",
            [platform, self._key(content_id)],
        )
        return next(map(self._report, rows), None)

    def put(self, report: StoredReport, received_at: dt.datetime) -> None:
        """Keep a report, in place of the one with the same id."""
        self._db.execute(
            "INSERT OR REPLACE INTO reports VALUES (:report_id, :platform, :key, :content, :media,"
            " :recipe, :quality, :body, :received_at, :expires_at, :sealing)",
            {
                "report_id": report.report_id,
                "platform": report.platform,
                "key": self._key(report.content_id),
                "content": self._seal(
                    report.content_id.encode("utf-8", "surrogatepass"), "content", report.report_id
                ),
                "received_at": stamp(received_at),
                "expires_at": stamp(report.expires_at),
            }
            | fingerprint_columns(
                report.fingerprint, lambda body: self._seal(body, "reports", report.report_id)
            ),
        )

    def kept(self, now: dt.datetime) -> Iterator[StoredReport]:
        """Yield every report whose time is not over."""
        rows = self._db.query("SELECT * FROM reports WHERE expires_at > ?", [stamp(now)])
        return map(self._report, rows)

    def delete_expired(self, now: dt.datetime) -> list[ReportId]:
        """Delete the reports whose time is over and return their ids."""
        until = (stamp(now),)
        rows = self._db.execute("SELECT report_id FROM reports WHERE expires_at <= ?", until)
        ids = [ReportId(report_id) for (report_id,) in rows.fetchall()]
        self._db.execute("DELETE FROM reports WHERE expires_at <= ?", until)
        return ids

    def received_at(self, report_id: ReportId) -> dt.datetime | None:
        """Return when a content item was reported the last time, or None."""
        row = self._db.execute(
            "SELECT received_at FROM reports WHERE report_id = ?", (report_id,)
        ).fetchone()
        return moment(row[0]) if row else None

    def count(self) -> int:
        """Return how many reports are kept."""
        row = self._db.execute("SELECT count(*) FROM reports").fetchone()
        return int(row[0])

    def _key(self, content_id: ContentId) -> bytes:
        return self._sealer.keyed_digest(content_id.encode("utf-8", "surrogatepass"), 16)

    def _seal(self, value: bytes, table: str, report_id: ReportId) -> bytes:
        return self._sealer.seal(REPORTS, value, table, report_id)

    def _report(self, row: Row) -> StoredReport:
        name = ReportId(row["report_id"])
        content = self._sealer.open(REPORTS, row["content"], "content", name)
        body = self._sealer.open(REPORTS, row["body"], "reports", name)
        return StoredReport(
            name,
            PlatformName(row["platform"]),
            ContentId(content.decode("utf-8", "surrogatepass")),
            fingerprint_of(row, body),
            moment(row["expires_at"]),
        )
