"""Orders to platforms, and how platforms are reached."""

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from typing import Any

from sqlite_utils.db import Database

from hashreg.model.deadlines import DEFAULT
from hashreg.model.feeds import RecordId
from hashreg.model.matches import Ticket
from hashreg.model.orders import (
    CHECKED_AFTER,
    CLOCKS_DIFFER,
    ESCALATED_AFTER,
    LIVE,
    SECRET_BYTES,
    UNSETTLED,
    Escalation,
    Order,
    OrderId,
    OrderKind,
    OrderState,
    Trouble,
    Which,
)
from hashreg.model.parcels import Contact, Webhook
from hashreg.model.records import CaseId, PlatformName
from hashreg.model.reports import ContentId
from hashreg.registry.rows import Row, moment, moment_or_none, stamp
from hashreg.registry.sealer import LINKS, TOKEN_BYTES, Sealer

_LIVE, _UNSETTLED = (
    ", ".join(f"'{state.value}'" for state in sorted(states)) for states in (LIVE, UNSETTLED)
)
_IS_UNSETTLED = f"state IN ({_UNSETTLED})"
_DECLINED = "state = 'declined'"
_OVERDUE = "(state IN ('open', 'acknowledged') AND kind = 'removal' AND due_at < :now)"
_UNACKNOWLEDGED = "(state = 'open' AND begun_at < :begun)"
_UNCHECKED = (
    "(state = 'removed' AND removed_at < CASE checks"
    " WHEN 0 THEN :gone_0 WHEN 1 THEN :gone_1 ELSE :gone_2 END)"
)
_WANTED = (
    "(state IN ('open', 'acknowledged') OR state = 'removed' AND removed_at <= CASE checks"
    " WHEN 0 THEN :check_0 WHEN 1 THEN :check_1 ELSE :check_2 END)"
)
"""What ``Order.is_wanted`` says, for SQL."""
_AHEAD = f"(state IN ({_LIVE}) AND max(begun_at, coalesce(removed_at, begun_at)) > :ahead)"
_FOR_A_PERSON = f"({_DECLINED} OR {_OVERDUE} OR {_UNACKNOWLEDGED} OR {_UNCHECKED} OR {_AHEAD})"
"""What ``Order.why_escalated`` says, for SQL; a test holds the two together."""
_CHANGING = (
    "state",
    "begun_at",
    "due_at",
    "changed_at",
    "send_at",
    "round",
    "tries",
    "trouble",
    "reached_at",
    "acknowledged_at",
    "removed_at",
    "checks",
    "escalated",
)
"""The columns that a step of an order may change."""


class SqliteOrders:
    """Orders in SQLite; of which case they are stands there as a keyed digest.

    What they are about is sealed: the platform's name for the content, and the tickets.
    """

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def add(self, order: Order, case_id: CaseId) -> None:
        """Keep a new order about a case."""
        single = order.tickets[0] if order.kind is OrderKind.REMOVAL else ""
        columns = {
            "order_id": order.order_id,
            "kind": order.kind.value,
            "platform": order.platform,
            "link": self._case(case_id),
            "ticket": single,
            "sealed": self._sealed(order),
            "made_at": stamp(order.made_at),
        } | _changing(order)
        names = ", ".join(f":{name}" for name in columns)
        self._db.execute(
            f"INSERT INTO orders ({', '.join(columns)}) VALUES ({names})",  # noqa: S608
            columns,
        )

    def put(self, order: Order) -> None:
        """Keep what became of an order."""
        settings = ", ".join(f"{name} = :{name}" for name in _CHANGING)
        self._db.execute(
            f"UPDATE orders SET {settings} WHERE order_id = :order_id",  # noqa: S608
            {"order_id": order.order_id} | _changing(order),
        )

    def find(self, order_id: OrderId) -> Order | None:
        """Return the order of this name, or None."""
        rows = self._db.query("SELECT * FROM orders WHERE order_id = ?", [order_id])
        return next(map(self._order, rows), None)

    def of_ticket(self, ticket: Ticket) -> list[Order]:
        """Return the removals that were ordered because of one match, oldest first."""
        rows = self._db.query(
            "SELECT * FROM orders WHERE ticket = ? ORDER BY made_at, order_id", [ticket]
        )
        return list(map(self._order, rows))

    def of_case(self, case_id: CaseId) -> list[Order]:
        """Return the orders about one case, oldest first."""
        rows = self._db.query(
            "SELECT * FROM orders WHERE link = ? ORDER BY made_at, order_id", [self._case(case_id)]
        )
        return list(map(self._order, rows))

    def of_platform(
        self,
        platform: PlatformName,
        now: dt.datetime,
        *,
        which: Which,
        after: Order | None,
        most: int,
    ) -> list[Order]:
        """Return at most ``most`` of a platform's orders, oldest first, behind ``after``."""
        where = {Which.LIVE: f"AND state IN ({_LIVE})", Which.WANTED: f"AND {_WANTED}"}
        rows = self._db.query(
            "SELECT * FROM orders WHERE platform = :platform"  # noqa: S608
            " AND (made_at, order_id) > (:made, :id)"
            f" {where.get(which, '')} ORDER BY made_at, order_id LIMIT :most",
            {"platform": platform, "most": most, **_behind(after), **_since(now)},
        )
        return list(map(self._order, rows))

    def open_revocations(self, platform: PlatformName) -> list[Order]:
        """Return the revocations that a platform has not acknowledged."""
        rows = self._db.query(
            "SELECT * FROM orders WHERE platform = ? AND kind = 'revocation' AND state = 'open'",
            [platform],
        )
        return list(map(self._order, rows))

    def all(self) -> Iterator[Order]:
        """Yield every order."""
        return map(self._order, self._db.query("SELECT * FROM orders"))

    def page(
        self, now: dt.datetime, *, settled: bool, escalated: bool, after: Order | None, most: int
    ) -> list[Order]:
        """Return at most ``most`` of the orders that are not settled, oldest first.

        ``settled``: of all; ``escalated``: of those that are for a person now; ``after``: of those
        behind this one; ``most`` below 0: all of them.
        """
        wanted = [it for it, on in ((_FOR_A_PERSON, escalated), (_IS_UNSETTLED, not settled)) if on]
        where = "".join(f" AND {it}" for it in wanted)
        rows = self._db.query(
            "SELECT * FROM orders WHERE (made_at, order_id) > (:made, :id)"  # noqa: S608
            f"{where} ORDER BY made_at, order_id LIMIT :most",
            {"most": most, **_behind(after), **_since(now)},
        )
        return list(map(self._order, rows))

    def to_send(self, platform: PlatformName, now: dt.datetime, most: int) -> list[Order]:
        """Return at most ``most`` orders of a platform whose messages are due, the longest first.

        What a clock changed that was ahead of this one comes behind.
        """
        due = "SELECT * FROM orders WHERE platform = ? AND send_at <= ? ORDER BY send_at LIMIT ?"
        ahead = (
            "SELECT * FROM orders WHERE platform = ? AND changed_at > ? AND +send_at > ?"
            " ORDER BY +send_at LIMIT ?"  # by the index of changes: mostly there are none
        )
        rows = list(self._db.query(due, [platform, stamp(now), most]))
        late = [platform, stamp(now + CLOCKS_DIFFER), stamp(now), most - len(rows)]
        return list(map(self._order, [*rows, *self._db.query(ahead, late)]))

    def to_escalate(self, now: dt.datetime) -> list[Order]:
        """Return the orders that are for a person now, or for another reason than is marked."""
        others = f"NOT {_OVERDUE} AND {_UNACKNOWLEDGED}"
        ahead = f"NOT {_OVERDUE} AND NOT {_UNACKNOWLEDGED} AND NOT {_UNCHECKED} AND {_AHEAD}"
        rows = self._db.query(
            " UNION ".join(
                f"SELECT * FROM orders WHERE {it} AND escalated IS NOT '{why}'"  # noqa: S608
                for it, why in (
                    (_DECLINED, "declined"),
                    (_OVERDUE, "overdue"),
                    (others, "unacknowledged"),
                    (_UNCHECKED, "unchecked"),
                    (ahead, "clock"),
                )
            ),
            _since(now),
        )
        return list(map(self._order, rows))

    def forget_ended_revocations(self) -> None:
        """Forget what revocations were about that their platforms know of."""
        self._db.execute(
            "UPDATE orders SET sealed = x'' WHERE kind = 'revocation'"
            " AND state IN ('done', 'cancelled') AND sealed != x''"
        )

    def forget_case(self, case_id: CaseId) -> None:
        """Forget what the orders of an erased case are about; when and how they ended stays.

        A revocation keeps its tickets until its platform knows of it.
        """
        for order in self.of_case(case_id):
            if order.kind is OrderKind.REMOVAL:
                self._db.execute(
                    "UPDATE orders SET link = ?, ticket = '', sealed = x'' WHERE order_id = ?",
                    (secrets.token_bytes(TOKEN_BYTES), order.order_id),
                )

    def _case(self, case_id: CaseId) -> bytes:
        return self._sealer.token("orders of a case", case_id)

    def _sealed(self, order: Order) -> bytes:
        about = {
            "content_id": order.content_id,
            "tickets": list(order.tickets),
            "records": list(order.records),
            "after": order.after,
        }
        text = json.dumps(about)
        return self._sealer.seal(LINKS, text.encode("ascii"), "orders", order.order_id.encode())

    def _order(self, row: Row) -> Order:
        about: dict[str, Any] = {"content_id": None, "tickets": ()}
        if row["sealed"]:
            name = row["order_id"].encode()
            about = json.loads(self._sealer.open(LINKS, row["sealed"], "orders", name))
        content = about["content_id"]
        return Order(
            OrderId(row["order_id"]),
            OrderKind(row["kind"]),
            PlatformName(row["platform"]),
            tuple(map(Ticket, about["tickets"])),
            None if content is None else ContentId(content),
            OrderState(row["state"]),
            moment(row["made_at"]),
            moment(row["begun_at"]),
            moment(row["due_at"]),
            moment(row["changed_at"]),
            moment_or_none(row["send_at"]),
            row["round"],
            row["tries"],
            Trouble(row["trouble"]) if row["trouble"] else None,
            moment_or_none(row["reached_at"]),
            moment_or_none(row["acknowledged_at"]),
            moment_or_none(row["removed_at"]),
            row["checks"],
            Escalation(row["escalated"]) if row["escalated"] else None,
            tuple(map(RecordId, about.get("records", ()))),
            about.get("after", 0),
        )


class SqliteContacts:
    """How platforms are reached, in SQLite; addresses and secrets are sealed."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def find(self, platform: PlatformName) -> Contact:
        """Return how a platform is reached; one of which nothing was said fetches its orders."""
        rows = self._db.query("SELECT * FROM contacts WHERE platform = ?", [platform])
        return next(map(self._contact, rows), Contact(platform, DEFAULT))

    def put(self, contact: Contact) -> None:
        """Keep how a platform is reached, in place of what was kept before."""
        sealed = None
        if contact.webhook:
            value = contact.webhook.secret + contact.webhook.url.encode()
            sealed = self._sealer.seal(LINKS, value, "contacts", contact.platform.encode())
        self._db.execute(
            "INSERT OR REPLACE INTO contacts VALUES (?, ?, ?)",
            (contact.platform, contact.jurisdiction, sealed),
        )

    def all(self) -> list[Contact]:
        """Return every contact that was ever set, by the platform's name."""
        return list(map(self._contact, self._db.query("SELECT * FROM contacts ORDER BY platform")))

    def _contact(self, row: Row) -> Contact:
        platform = PlatformName(row["platform"])
        if row["webhook"] is None:
            return Contact(platform, row["jurisdiction"])
        value = self._sealer.open(LINKS, row["webhook"], "contacts", platform.encode())
        webhook = Webhook(value[SECRET_BYTES:].decode(), value[:SECRET_BYTES])
        return Contact(platform, row["jurisdiction"], webhook)


def _behind(order: Order | None) -> dict[str, str]:
    """Return the place of an order in lists by time; of none, the one before all."""
    made, name = (stamp(order.made_at), order.order_id) if order else ("", "")
    return {"made": made, "id": name}


def _since(now: dt.datetime) -> dict[str, str]:
    """Return the times that the conditions above compare with."""
    gone = {f"gone_{n}": now - it - ESCALATED_AFTER for n, it in enumerate(CHECKED_AFTER)}
    gone |= {f"check_{n}": now - it for n, it in enumerate(CHECKED_AFTER)}
    times = {"now": now, "begun": now - ESCALATED_AFTER, "ahead": now + CLOCKS_DIFFER} | gone
    return {name: stamp(time) for name, time in times.items()}


def _changing(order: Order) -> dict[str, object]:
    """Return the columns that a step of an order may change."""
    return {name: _plain(getattr(order, name)) for name in _CHANGING}


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return stamp(value)
    return str(value) if isinstance(value, str) else value
