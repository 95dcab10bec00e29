"""Lists that a server gives out page by page."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from hashreg.client.strictly import MOST
from hashreg.client.told import bad_answer
from hashreg.model.messages import N_

if TYPE_CHECKING:
    from hashreg.client.http import Server

T = TypeVar("T")


def all_pages(
    server: "Server",
    path: str,
    query: Mapping[str, str],
    read: Callable[[object], tuple[list[T], str | None]],
    name: Callable[[T], str],
) -> list[T]:
    """Return all that a list holds, each once, the latest of it.

    ``read`` returns a page and what the next one comes after. Raises as a call does, and BadAnswer
    where there is no end.
    """
    found: dict[str, T] = {}
    seen: set[str] = set()
    page, after = read(server.get(path, **query))
    while page:
        found |= {name(it): it for it in page}
        if after is None:
            break
        if after in seen or len(found) > MOST:
            raise bad_answer(N_("it does not come to an end"))
        seen.add(after)
        page, after = read(server.get(path, **query, after=after))
    return list(found.values())
