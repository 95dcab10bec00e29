"""Orders go to the public internet only, and say by their signature who sends them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.exchange.targets import (
    MOST_URL,
    checked_url,
    is_public,
    shown_secret,
    signed_headers,
)
from hashreg.model.errors import InvalidInput
from hashreg.model.orders import MessageKey, OrderId
from hashreg.model.parcels import Parcel, Webhook
from hashreg.model.records import PlatformName

PRIVATE = (
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep a machine's secrets
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
    "64:ff9b:1::7f00:1",
    "fec0::1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "5f00::1",
    "3fff::1",
    "2001:db8::1",
    "2001:2::1",
    "2001:10::1",
)
PUBLIC = ("93.184.215.14", "2606:4700::6810:84e5", "64:ff9b::5db8:d70e", "2002:5db8:d70e::")


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_other_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_what_is_wrapped_is_as_public_as_what_is_in_it(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    high, low = number >> 16, number & 0xFFFF
    mapped, translated = (f"{it}{high:x}:{low:x}" for it in ("::ffff:", "64:ff9b::"))
    assert is_public(mapped) == is_public(translated) == is_public(str(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/orders",
        "https://example.org:8443/orders?of=hashreg",
        "https://[2606:4700::6810:84e5]/",
        "https://93.184.215.14/",
    ],
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert checked_url(url) == url
    assert checked_url(url, private=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https:///orders",
        "https://example.org/ord ers",
        "https://example.org/\r\nX: y",
        "https://name:word@example.org/",
        "https://name@example.org/",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://[::1",
        "https://예.org/",
        "https://example.org/" + MOST_URL * "a",
    ],
)
def test_what_is_no_address_for_orders_is_refused(url: str) -> None:
    for private in (False, True):
        with pytest.raises(InvalidInput, match="A webhook is an address") as caught:
            checked_url(url, private=private)
        assert caught.value.field == "webhook"


@pytest.mark.parametrize("url", ["http://example.org/", "https://127.0.0.1/", "https://[::1]/"])
def test_the_registrys_own_network_is_for_those_who_ask_for_it(url: str) -> None:
    with pytest.raises(InvalidInput):
        checked_url(url)
    assert checked_url(url, private=True) == url


def test_the_signature_is_that_of_the_specification() -> None:
    """The example that Standard Webhooks' own libraries are tested with."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    parcel = Parcel(
        OrderId("0" * 32),
        MessageKey("msg_p5jXN8AQM9LWM0D4loKWxJek"),
        PlatformName("examplegram"),
        Webhook("https://example.org/", secret),
        b'{"test": 2432232314}',
    )
    headers = signed_headers(parcel, 1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == headers["Idempotency-Key"] == parcel.key
    assert headers["webhook-timestamp"] == "1614265330"
    assert shown_secret(parcel.webhook) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert "MfKQ" not in repr(parcel)
    assert "example.org" not in repr(parcel)
