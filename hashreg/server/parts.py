"""Words and numbers of bodies, as the OpenAPI document describes them."""

from typing import Annotated

from msgspec import Meta

from hashreg.model.reports import MAX_CONTENT_ID
from hashreg.model.retention import MOST_DAYS

Hex = Annotated[str, Meta(pattern="^([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})$")]
Percent = Annotated[int, Meta(ge=0, le=100)]
View = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9:+-]{0,39}$")]
ContentName = Annotated[str, Meta(min_length=1, max_length=MAX_CONTENT_ID)]
TicketText = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Number = Annotated[str, Meta(pattern="^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$")]
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Six = Annotated[list[float], Meta(min_length=6, max_length=6)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Days = Annotated[int, Meta(ge=1, le=MOST_DAYS)]
