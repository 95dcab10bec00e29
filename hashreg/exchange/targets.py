"""Where orders may be sent, and how a message is signed (standardwebhooks.com, v1).

A target is an address that somebody else chose, so none may lie in the network that the registry
stands in, unless its operator says so.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from urllib.parse import urlsplit

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_
from hashreg.model.parcels import Parcel, Webhook

MOST_URL = 2000
SECRET_PREFIX = "whsec_"  # noqa: S105  (what Standard Webhooks writes before a secret)
_URL = re.compile(r"[!-~]+")


def checked_url(text: str, *, private: bool = False) -> str:
    """Return an address that orders may be sent to; raises InvalidInput.

    ``private`` allows what a platform in the registry's own network needs: plain HTTP, and
    addresses that are not on the public internet.
    """
    schemes = ("https", "http") if private else ("https",)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _bad_url() from None
    plain = not (parts.username or parts.password or parts.fragment)
    fits = len(text) <= MOST_URL and _URL.fullmatch(text)
    if not (host and plain and fits and parts.scheme in schemes):
        raise _bad_url()
    if not private and _is_literal(host) and not is_public(host):
        raise InvalidInput(
            N_(
                "This address lies in a private network, where orders are sent only if the "
                "operator says so, with --private-webhooks."
            ),
            field="webhook",
        )
    return text


def is_public(address: str) -> bool:
    """Tell whether an IP address is on the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or _nat64(ip)
        if ip.teredo:
            return False
        if inner is None:
            return ip.is_global and ip in _PUBLIC_V6 and ip not in _EXAMPLES_V6
        ip = inner
    return ip.is_global and not ip.is_multicast


_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
"""All that was ever given out of IPv6 (IANA, IPv6 Global Unicast Address Assignments)."""
_EXAMPLES_V6 = ipaddress.ip_network("3fff::/20")
"""For documents only (RFC 9637)."""


def signed_headers(parcel: Parcel, seconds: int) -> dict[str, str]:
    """Return the headers by which a receiver knows who sends a message, and which one it is.

    ``seconds`` is the time of sending, since 1970.
    """
    signed = f"{parcel.key}.{seconds}.".encode() + parcel.body
    digest = hmac.digest(parcel.webhook.secret, signed, hashlib.sha256)
    return {
        "webhook-id": parcel.key,
        "webhook-timestamp": str(seconds),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        "Idempotency-Key": parcel.key,
        "Content-Type": "application/json",
        "User-Agent": "hashreg",
    }


def shown_secret(webhook: Webhook) -> str:
    """Return a secret as receivers' libraries take it."""
    return SECRET_PREFIX + base64.b64encode(webhook.secret).decode()


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address in one of NAT64's (RFC 6052), which a gateway would call."""
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _bad_url() -> InvalidInput:
    return InvalidInput(
        N_(
            "A webhook is an address such as https://example.org/orders, without a name and a "
            "password in it. It begins with https, unless the platform stands in your own network "
            "and --private-webhooks is given."
        ),
        field="webhook",
    )
