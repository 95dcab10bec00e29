"""Where a server is, and the key that opens it: checked before anything is sent there."""

import ipaddress
import re

from hashreg.client.extra import httpx
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_

MOST_CHARACTERS = 2000
MOST_PORT = 65535
_KEY = re.compile(r"[!-~]{1,512}")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|(?=.*:)[0-9a-f:.]+")


def server_address(text: str) -> str:
    """Return a server's base URL without its last slash; raises InvalidInput.

    Hashes must not travel in the clear: it is https, or http where it doesn't leave this machine.
    """
    try:
        url = httpx.URL(text.strip())
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        url, host = httpx.URL(""), ""
    plain = not (url.userinfo or "?" in text or "#" in text or len(text) > MOST_CHARACTERS)
    reachable = _HOST.fullmatch(host) and (url.port or 0) <= MOST_PORT
    if url.scheme not in ("https", "http") or not reachable or not plain:
        raise InvalidInput(
            N_(
                "A server's address looks like https://registry.example: no name, password, "
                "question mark or # belongs in it."
            ),
            field="server",
        )
    if url.scheme == "http" and not is_loopback(host):
        raise InvalidInput(
            N_(
                "Hashes must not travel in the clear, so a server's address begins with https:// "
                "(http:// only for a server on this machine)."
            ),
            field="server",
        )
    return str(url).rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def api_key(text: str) -> str:
    """Return a key as it was typed, without space around it; raises InvalidInput, no echo."""
    key = text.strip()
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            N_(
                "This is not a key. A key begins with hashreg_ and was shown once, when it was "
                "made; compare it, letter by letter."
            ),
            field="key",
        )
    return key
