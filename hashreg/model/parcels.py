"""What goes to platforms, where to, and what came back."""

import dataclasses
from dataclasses import dataclass

from hashreg.model.orders import MessageKey, OrderId, Trouble
from hashreg.model.records import PlatformName


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a platform takes its orders in, and what they are signed with."""

    url: str = dataclasses.field(repr=False)
    secret: bytes = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """By which law a platform's orders are due, and how it is reached; None: it fetches them."""

    platform: PlatformName
    jurisdiction: str
    webhook: Webhook | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to a platform."""

    order_id: OrderId
    key: MessageKey
    platform: PlatformName
    webhook: Webhook
    body: bytes = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back for a parcel.

    ``reached``: the platform has it. ``acknowledged``: and says so by its key. ``present``: whether
    the content is there again, where it was asked for.
    """

    reached: bool
    trouble: Trouble | None = None
    acknowledged: bool = False
    present: bool | None = None
