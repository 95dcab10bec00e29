"""The tables, as migrations.

What is sealed lies in opaque columns: ``body`` (hashes), ``link`` (which case a row belongs to),
``contents`` (which fingerprints a case has) and ``content`` (a platform's content id).
``registry.sealer`` seals them; ``sealing`` says how, 1, and 0 in registries that were made before,
which are sealed when they are opened. Keys are random and tables have no row ids, so neither order
nor numbers link the rows of one case. Only events and verdicts are numbered: their order must hold
when a clock is set back.
"""

from sqlite_utils import Migrations
from sqlite_utils.db import Database

APPLICATION_ID = 0x68726567
"""The letters "hreg" in SQLite's header: this file is a registry of hashreg."""

migrations = Migrations("hashreg")

EVENTS_NEVER_CHANGED = """CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"""

VERDICTS_NEVER_CHANGED = """CREATE TRIGGER verdicts_are_never_changed BEFORE UPDATE ON verdicts
        BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END"""

_FIRST = (
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT",
    """CREATE TABLE people (
        role TEXT NOT NULL CHECK (role IN ('platform', 'moderator')), name TEXT NOT NULL,
        key_digest BLOB NOT NULL, added_at TEXT NOT NULL, revoked_at TEXT,
        PRIMARY KEY (role, name)) WITHOUT ROWID, STRICT""",
    """CREATE TABLE cases (
        case_id BLOB PRIMARY KEY, number TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        public_key TEXT NOT NULL, document TEXT NOT NULL, received_at TEXT NOT NULL,
        contents BLOB NOT NULL, sealing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID, STRICT""",
    """CREATE TABLE documents (
        digest TEXT PRIMARY KEY, link BLOB NOT NULL, received_at TEXT NOT NULL,
        sealing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID, STRICT""",
    """CREATE TABLE tombstones (
        number TEXT NOT NULL, public_key TEXT NOT NULL, received_at TEXT NOT NULL,
        PRIMARY KEY (number, public_key)) WITHOUT ROWID, STRICT""",
    """CREATE TABLE fingerprints (
        fingerprint_id BLOB PRIMARY KEY, link BLOB NOT NULL, media TEXT NOT NULL,
        recipe TEXT NOT NULL, quality INTEGER, body BLOB NOT NULL,
        sealing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID, STRICT""",
    """CREATE TABLE reports (
        report_id BLOB PRIMARY KEY, platform TEXT NOT NULL, content_key BLOB NOT NULL,
        content BLOB NOT NULL, media TEXT NOT NULL, recipe TEXT NOT NULL, quality INTEGER,
        body BLOB NOT NULL, received_at TEXT NOT NULL, expires_at TEXT NOT NULL,
        sealing INTEGER NOT NULL DEFAULT 0, UNIQUE (platform, content_key))
        WITHOUT ROWID, STRICT""",
    "CREATE INDEX reports_by_expiry ON reports (expires_at)",
    """CREATE TABLE matches (
        ticket TEXT PRIMARY KEY, report_id BLOB NOT NULL, link BLOB NOT NULL,
        platform TEXT NOT NULL, content BLOB NOT NULL, tier TEXT NOT NULL,
        algorithm TEXT NOT NULL, distance INTEGER NOT NULL, view TEXT NOT NULL,
        query_view TEXT NOT NULL, agreeing_views INTEGER NOT NULL, second_signal TEXT,
        suspicious INTEGER NOT NULL, state TEXT NOT NULL, found_at TEXT NOT NULL,
        sealing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID, STRICT""",
    "CREATE INDEX matches_by_report ON matches (report_id)",
    "CREATE INDEX matches_by_state ON matches (state, tier, distance)",
    """CREATE TABLE verdicts (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, ticket TEXT NOT NULL, verdict TEXT NOT NULL,
        reason TEXT, actor TEXT NOT NULL, decided_at TEXT NOT NULL) STRICT""",
    "CREATE INDEX verdicts_by_ticket ON verdicts (ticket)",
    """CREATE TABLE events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT CHECK (sequence < 1 << 60),
        at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL,
        detail TEXT NOT NULL) STRICT""",
    VERDICTS_NEVER_CHANGED,
    """CREATE TRIGGER verdicts_are_never_deleted BEFORE DELETE ON verdicts
        BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END""",
    """CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
        WHEN EXISTS (SELECT 1 FROM events WHERE sequence = NEW.sequence)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    EVENTS_NEVER_CHANGED,
    """CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
)


_HOLDS = (
    """CREATE TABLE holds (
        fingerprint_id BLOB PRIMARY KEY, link BLOB NOT NULL, reason TEXT NOT NULL,
        detail TEXT NOT NULL, state TEXT NOT NULL, held_at TEXT NOT NULL,
        sealing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID, STRICT""",
    """CREATE TABLE benign (
        benign_id BLOB PRIMARY KEY, note TEXT NOT NULL, media TEXT NOT NULL, recipe TEXT NOT NULL,
        quality INTEGER, body BLOB NOT NULL, added_at TEXT NOT NULL,
        sealing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID, STRICT""",
    "ALTER TABLE matches ADD COLUMN fingerprint_id BLOB NOT NULL DEFAULT x''",
    "CREATE INDEX matches_by_fingerprint ON matches (fingerprint_id, found_at)",
)

_KEYS = (
    """CREATE TABLE keys (
        digest BLOB PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL,
        scopes TEXT NOT NULL, sandbox INTEGER NOT NULL, added_at TEXT NOT NULL,
        expires_at TEXT, revoked_at TEXT) WITHOUT ROWID, STRICT""",
    "CREATE INDEX keys_by_person ON keys (role, name)",
    """INSERT INTO keys SELECT key_digest, role, name, '', CASE role
        WHEN 'platform' THEN 'lookup report tickets' ELSE 'check queue cases statistics' END,
        0, added_at, NULL, revoked_at FROM people""",
    """CREATE TABLE people_of_five_roles (
        role TEXT NOT NULL
        CHECK (role IN ('platform', 'moderator', 'operator', 'auditor', 'helper')),
        name TEXT NOT NULL, added_at TEXT NOT NULL, revoked_at TEXT,
        PRIMARY KEY (role, name)) WITHOUT ROWID, STRICT""",
    "INSERT INTO people_of_five_roles SELECT role, name, added_at, revoked_at FROM people",
    "DROP TABLE people",
    "ALTER TABLE people_of_five_roles RENAME TO people",
    """CREATE TABLE answers (
        actor TEXT NOT NULL, request_key TEXT NOT NULL, request BLOB NOT NULL,
        answer BLOB NOT NULL, expires_at TEXT NOT NULL,
        PRIMARY KEY (actor, request_key)) WITHOUT ROWID, STRICT""",
    "CREATE INDEX answers_by_expiry ON answers (expires_at)",
)

_TICKETS_AND_HELPERS = (
    "ALTER TABLE matches ADD COLUMN removed_at TEXT",
    "CREATE INDEX matches_by_platform ON matches (platform, state, found_at, ticket)",
    """CREATE TABLE delegations (
        link BLOB NOT NULL, helper TEXT NOT NULL, given_at TEXT, revoked_at TEXT,
        revoked_on TEXT, sealing INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (link, helper)) WITHOUT ROWID, STRICT""",
)

_ABUSE = (
    """CREATE TABLE hold_votes (
        fingerprint_id BLOB NOT NULL, moderator TEXT NOT NULL, state TEXT NOT NULL,
        given_at TEXT NOT NULL, PRIMARY KEY (fingerprint_id, moderator)) WITHOUT ROWID, STRICT""",
    """CREATE TABLE probings (
        asker TEXT NOT NULL, picture BLOB NOT NULL, sealed BLOB NOT NULL, state TEXT NOT NULL,
        changed_at TEXT NOT NULL, PRIMARY KEY (asker, picture)) WITHOUT ROWID, STRICT""",
    """CREATE TABLE probes (
        asker TEXT NOT NULL, picture BLOB NOT NULL, probe BLOB NOT NULL, asked_at TEXT NOT NULL,
        PRIMARY KEY (asker, picture, probe)) WITHOUT ROWID, STRICT""",
    "CREATE INDEX probes_by_time ON probes (asked_at)",
    "ALTER TABLE matches ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE cases ADD COLUMN channel TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE channel_days (
        channel TEXT NOT NULL, day TEXT NOT NULL, pictures INTEGER NOT NULL,
        PRIMARY KEY (channel, day)) WITHOUT ROWID, STRICT""",
    """CREATE TABLE channel_cases (
        channel TEXT NOT NULL, link BLOB NOT NULL, abusive INTEGER NOT NULL,
        PRIMARY KEY (channel, link)) WITHOUT ROWID, STRICT""",
)

_ORDERS = (
    """CREATE TABLE orders (
        order_id TEXT PRIMARY KEY, kind TEXT NOT NULL, platform TEXT NOT NULL, link BLOB NOT NULL,
        ticket TEXT NOT NULL, sealed BLOB NOT NULL, state TEXT NOT NULL, made_at TEXT NOT NULL,
        begun_at TEXT NOT NULL, due_at TEXT NOT NULL, changed_at TEXT NOT NULL, send_at TEXT,
        round INTEGER NOT NULL, tries INTEGER NOT NULL, trouble TEXT, reached_at TEXT,
        acknowledged_at TEXT, removed_at TEXT, checks INTEGER NOT NULL,
        escalated TEXT) WITHOUT ROWID, STRICT""",
    "CREATE INDEX orders_by_ticket ON orders (ticket)",
    "CREATE INDEX orders_by_case ON orders (link)",
    "CREATE INDEX orders_by_platform ON orders (platform, made_at, order_id)",
    "CREATE INDEX orders_by_state ON orders (state)",
    "CREATE INDEX orders_by_sending ON orders (platform, send_at)",
    "CREATE INDEX orders_by_change ON orders (platform, changed_at)",
    """CREATE TABLE contacts (
        platform TEXT PRIMARY KEY, jurisdiction TEXT NOT NULL, webhook BLOB)
        WITHOUT ROWID, STRICT""",
)


_FEEDS = (
    "ALTER TABLE cases ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE feeds (
        platform TEXT PRIMARY KEY, begun INTEGER NOT NULL, given INTEGER NOT NULL,
        kept INTEGER NOT NULL, by_hash INTEGER NOT NULL) WITHOUT ROWID, STRICT""",
    """CREATE TABLE recalls (
        recall_id BLOB PRIMARY KEY, body BLOB NOT NULL, sequence INTEGER NOT NULL,
        made_at TEXT NOT NULL) WITHOUT ROWID, STRICT""",
    """CREATE TABLE partner_records (
        source TEXT NOT NULL, record BLOB NOT NULL, content BLOB NOT NULL, link BLOB,
        PRIMARY KEY (source, record)) WITHOUT ROWID, STRICT""",
    "CREATE INDEX orders_by_kind ON orders (platform, kind, state)",
)


_THERE_AGAIN = (
    "UPDATE orders SET removed_at = NULL WHERE state = 'declined'",
    """UPDATE matches SET removed_at = NULL
        WHERE ticket IN (SELECT ticket FROM orders
            WHERE kind = 'removal' AND state IN ('cancelled', 'declined'))
        AND ticket NOT IN (SELECT ticket FROM orders
            WHERE kind = 'removal' AND state IN ('removed', 'done'))""",
    """UPDATE matches SET withheld = 2
        WHERE withheld = 1 AND ticket IN (SELECT ticket FROM orders
            WHERE kind = 'removal' AND state IN ('open', 'acknowledged', 'removed'))""",
)


@migrations()
def m001_the_whole_chain(db: Database) -> None:
    """Cases, fingerprints, platforms, moderators, reports, matches, verdicts, events."""
    for statement in _FIRST:
        db.execute(statement)
    db.execute("INSERT INTO settings VALUES ('content_salt', randomblob(32))")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@migrations()
def m002_harmless_pictures_and_holds(db: Database) -> None:
    """Widely shared harmless pictures, pictures held for a person, which picture a match hit."""
    for statement in _HOLDS:
        db.execute(statement)


@migrations()
def m003_shapes(db: Database) -> None:
    """How a registered picture lies in an upload, where tokens found it: JSON, or nothing."""
    db.execute("ALTER TABLE matches ADD COLUMN shape TEXT")


@migrations()
def m004_keys_and_roles(db: Database) -> None:
    """Five roles, keys apart from people and with scopes, answers kept for repeated requests."""
    for statement in _KEYS:
        db.execute(statement)


@migrations()
def m005_tickets_and_helpers(db: Database) -> None:
    """When content was removed, platforms' tickets in order, who may act for a case."""
    for statement in _TICKETS_AND_HELPERS:
        db.execute(statement)


@migrations()
def m006_sealed(db: Database) -> None:
    """Room for what a hold is of, sealed; ``sealing_old`` seals the rows that are there."""
    db.execute("ALTER TABLE holds ADD COLUMN sealed BLOB NOT NULL DEFAULT x''")


@migrations()
def m007_chain(db: Database) -> None:
    """Room for each event's link to all before it; ``chain`` fills it for those that are there."""
    db.execute("ALTER TABLE events ADD COLUMN chain BLOB NOT NULL DEFAULT x''")


@migrations()
def m008_abuse(db: Database) -> None:
    """Votes on disputed pictures; nearly equal questions of each asker; how cases come in."""
    for statement in _ABUSE:
        db.execute(statement)


@migrations()
def m009_orders(db: Database) -> None:
    """Orders to platforms and what became of them; how platforms are reached."""
    for statement in _ORDERS:
        db.execute(statement)


@migrations()
def m010_feeds(db: Database) -> None:
    """Who holds hashes and how far, what they have to drop, what came from others' feeds."""
    for statement in _FEEDS:
        db.execute(statement)


@migrations()
def m011_there_again(db: Database) -> None:
    """What was called off or declined counts as there; who is to remove content is told of it."""
    for statement in _THERE_AGAIN:
        db.execute(statement)


KNOWN = frozenset(
    it.__name__
    for it in (
        m001_the_whole_chain,
        m002_harmless_pictures_and_holds,
        m003_shapes,
        m004_keys_and_roles,
        m005_tickets_and_helpers,
        m006_sealed,
        m007_chain,
        m008_abuse,
        m009_orders,
        m010_feeds,
        m011_there_again,
    )
)
"""The migrations that this version knows; a registry with others was made by a newer one."""
