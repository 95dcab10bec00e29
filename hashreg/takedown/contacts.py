"""How platforms are reached with their orders, and by which law these are due."""

import datetime as dt
import secrets

from hashreg.exchange.targets import checked_url
from hashreg.model.deadlines import DEADLINES
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_
from hashreg.model.orders import SECRET_BYTES
from hashreg.model.parcels import Contact, Webhook
from hashreg.model.records import EventKind
from hashreg.takedown.people import OPERATOR, active_platform, known_platform
from hashreg.takedown.store import Store


def contact_of(store: Store, platform: str) -> Contact:
    """Return how a platform is reached; raises NotFound or Refused."""
    with store.read():
        return store.contacts.find(active_platform(store, platform))


def set_contact(
    store: Store,
    platform: str,
    now: dt.datetime,
    *,
    jurisdiction: str | None = None,
    webhook: str | None = None,
    private: bool = False,
    actor: str = OPERATOR,
) -> Contact:
    """Change how a platform is reached; None leaves a thing as it is.

    An empty ``webhook`` ends it: the platform fetches its orders. A new one is signed with a new
    secret. ``private`` allows one in the registry's own network. Raises InvalidInput, NotFound or
    Refused.
    """
    if jurisdiction is not None and jurisdiction not in DEADLINES:
        raise InvalidInput(
            N_("No deadline is known for {jurisdiction}. Known are: {known}."),
            field="jurisdiction",
            jurisdiction=jurisdiction,
            known=", ".join(DEADLINES),
        )
    url = checked_url(webhook, private=private) if webhook else None
    with store.write():
        ends = webhook == "" and jurisdiction is None  # one that was revoked may still have one
        name = known_platform(store, platform) if ends else active_platform(store, platform)
        before = store.contacts.find(name)
        target = before.webhook
        if webhook is not None:
            target = Webhook(url, secrets.token_bytes(SECRET_BYTES)) if url else None
        contact = Contact(name, jurisdiction or before.jurisdiction, target)
        store.contacts.put(contact)
        how = "webhook" if target else "fetched"
        detail = f"{contact.jurisdiction} {how}"
        store.events.append(EventKind.CONTACT_CHANGED, name, actor=actor, at=now, detail=detail)
    return contact
