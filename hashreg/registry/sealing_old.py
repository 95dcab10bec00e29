"""Sealing what a registry holds from before hashes were encrypted: once, all or nothing."""

from sqlite_utils.db import Database

from hashreg.model.records import CaseId, EventKind
from hashreg.registry.events import SqliteEvents
from hashreg.registry.holds import ID_BYTES
from hashreg.registry.names import Names
from hashreg.registry.schema import EVENTS_NEVER_CHANGED, VERDICTS_NEVER_CHANGED
from hashreg.registry.sealer import BENIGN, LINKS, OWN_KEYS, REPORTS, SALT, SEALED, Sealer

_SALT_ROW = "content_salt"


def is_open(db: Database) -> bool:
    """Tell whether a registry's rows are not sealed yet."""
    rows = db.execute("SELECT 1 FROM settings WHERE name = ?", (_SALT_ROW,))
    return rows.fetchone() is not None


def seal_all(db: Database, sealer: Sealer) -> None:
    """Seal every row, inside of the caller's transaction; the salt moves to the data keys."""
    salt = db.execute("SELECT value FROM settings WHERE name = ?", (_SALT_ROW,)).fetchone()[0]
    for name in OWN_KEYS:
        sealer.vault.make([name], salt if name == SALT else None)
    _cases(db, sealer)
    _fingerprints(db, sealer)
    _reports(db, sealer)
    _matches(db, sealer)
    _holds_and_benign(db, sealer)
    _links(db, sealer)
    _events(db, sealer)
    db.execute("DELETE FROM settings WHERE name = ?", (_SALT_ROW,))


def _cases(db: Database, sealer: Sealer) -> None:
    for case_id, contents in db.execute("SELECT case_id, contents FROM cases").fetchall():
        sealer.begin_cases([case_id])
        if contents:
            sealed = sealer.seal(sealer.key_of(case_id), contents, "cases", case_id)
            db.execute(
                "UPDATE cases SET contents = ?, sealing = ? WHERE case_id = ?",
                (sealed, SEALED, case_id),
            )


def _fingerprints(db: Database, sealer: Sealer) -> None:
    table = "fingerprints"
    rows = db.execute("SELECT fingerprint_id, link, body FROM fingerprints").fetchall()
    for name, case_id, body in rows:
        link = sealer.seal(LINKS, case_id, table, name)
        sealed = sealer.seal(sealer.key_of(CaseId(case_id)), body, table, name)
        db.execute(
            "UPDATE fingerprints SET link = ?, body = ?, sealing = ? WHERE fingerprint_id = ?",
            (link, sealed, SEALED, name),
        )


def _reports(db: Database, sealer: Sealer) -> None:
    for name, content, body in db.execute(
        "SELECT report_id, content, body FROM reports"
    ).fetchall():
        db.execute(
            "UPDATE reports SET content = ?, body = ?, sealing = ? WHERE report_id = ?",
            (
                sealer.seal(REPORTS, content, "content", name),
                sealer.seal(REPORTS, body, "reports", name),
                SEALED,
                name,
            ),
        )


def _matches(db: Database, sealer: Sealer) -> None:
    rows = db.execute("SELECT ticket, link, fingerprint_id, content FROM matches").fetchall()
    for ticket, case_id, picture, content in rows:
        known = picture or bytes(ID_BYTES)  # older than migration m002
        db.execute(
            "UPDATE matches SET link = ?, fingerprint_id = ?, content = ?, sealing = ?"
            " WHERE ticket = ?",
            (
                sealer.token("matches of a case", case_id),
                sealer.token("matches of a picture", known),
                sealer.seal(LINKS, case_id + known + content, "matches", ticket.encode("ascii")),
                SEALED,
                ticket,
            ),
        )


def _holds_and_benign(db: Database, sealer: Sealer) -> None:
    for name, case_id in db.execute("SELECT fingerprint_id, link FROM holds").fetchall():
        row = sealer.token("holds", name)
        db.execute(
            "UPDATE holds SET fingerprint_id = ?, link = ?, sealed = ?, sealing = ?"
            " WHERE fingerprint_id = ?",
            (
                row,
                sealer.token("holds of a case", case_id),
                sealer.seal(LINKS, name + case_id, "holds", row),
                SEALED,
                name,
            ),
        )
    for name, body in db.execute("SELECT benign_id, body FROM benign").fetchall():
        db.execute(
            "UPDATE benign SET body = ?, sealing = ? WHERE benign_id = ?",
            (sealer.seal(BENIGN, body, "benign", name), SEALED, name),
        )


def _links(db: Database, sealer: Sealer) -> None:
    """Put keyed digests in the place of what documents and delegations belong to."""
    for table in ("documents", "delegations"):
        rows = db.execute(f"SELECT DISTINCT link FROM {table}").fetchall()  # noqa: S608
        for (case_id,) in rows:
            db.execute(
                f"UPDATE {table} SET link = ?, sealing = ? WHERE link = ?",  # noqa: S608
                (sealer.token(table, case_id), SEALED, case_id),
            )


def _events(db: Database, sealer: Sealer) -> None:
    """Seal pictures' names, and put commitments in the place of people's."""
    names = Names(db, sealer)
    events = SqliteEvents(db, sealer, names)
    db.execute("DROP TRIGGER events_are_never_changed")
    rows = db.execute("SELECT sequence, kind, actor, subject, detail FROM events").fetchall()
    for sequence, kind, *said in rows:
        kept = events.as_kept(EventKind(kind), *said)
        db.execute(
            "UPDATE events SET actor = ?, subject = ?, detail = ? WHERE sequence = ?",
            (*kept, sequence),
        )
    db.execute(EVENTS_NEVER_CHANGED)
    db.execute("DROP TRIGGER verdicts_are_never_changed")
    for (actor,) in db.execute("SELECT DISTINCT actor FROM verdicts").fetchall():
        kept_actor = names.commitment(actor)
        db.execute("UPDATE verdicts SET actor = ? WHERE actor = ?", (kept_actor, actor))
    db.execute(VERDICTS_NEVER_CHANGED)
