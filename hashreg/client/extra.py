"""httpx, the one part of the client that is installed only where a server is asked.

Importing this module raises MissingExtra where it isn't there; so hashing never imports it.
"""

from hashreg.model.errors import MissingExtra
from hashreg.model.messages import N_

try:
    import httpx
except ModuleNotFoundError as error:
    raise MissingExtra(
        N_(
            "What speaks to servers is not installed. Install it with: "
            "pip install 'hashreg[client]'"
        )
    ) from error

__all__ = ["httpx"]
