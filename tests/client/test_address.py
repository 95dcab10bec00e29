"""Hashes go to a server over https, or stay on this machine; what is typed wrong is not echoed."""

import ipaddress
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.silence import echoes
from model.strategies import patient

from hashreg.client.address import api_key, server_address
from hashreg.client.extra import httpx
from hashreg.model.errors import HashregError, InvalidInput

hosts = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z]{2,6}){1,3}", fullmatch=True)
ports = st.just("") | st.integers(1, 65535).map(lambda it: f":{it}")


@given(host=hosts, port=ports, slash=st.sampled_from(["", "/", "/hashreg", "/hashreg/"]))
@patient
def test_https_goes_anywhere_and_http_nowhere_else(host: str, port: str, slash: str) -> None:
    address = server_address(f"https://{host}{port}{slash}")
    assert address == f"https://{host}{'' if port == ':443' else port}{slash.rstrip('/')}"
    with pytest.raises(InvalidInput, match="in the clear"):
        server_address(f"http://{host}{port}{slash}")


@given(st.ip_addresses())
@patient
def test_http_stays_on_this_machine(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    address = f"http://[{ip}]" if ip.version == 6 else f"http://{ip}"
    if ip.is_loopback:
        assert server_address(address) == address
    else:
        with pytest.raises(InvalidInput):
            server_address(address)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "http://127.9.9.9", "http://[::1]:1", "http://localhost:2/x"],
)
def test_a_server_on_this_machine_needs_no_https(address: str) -> None:
    assert server_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "registry.example",
        "https://",
        "https:///v1",
        "ftp://registry.example",
        "file:///etc/passwd",
        "https://me:secret@registry.example",
        "https://me@registry.example",
        "https://registry.example/?key=1",
        "https://registry.example?",
        "https://registry.example/#top",
        "https://registry.example:port",
        "https://registry.example:65536",
        "https://regis try.example",
        "https://registry.example\\@other.example",
        "https://a..b",
        "https://" + "a" * 64 + ".example",
        "https://registry.example/" + "a" * 2000,
        "https://[::1",
        "http://127.0.0.1@registry.example",
        "http://127.0.0.1.registry.example",
        "http://localhost.registry.example",
        "http://0.0.0.0",
        "https://\udcff.example",
        "https://registry.example\n.example",
    ],
    ids=ascii,
)
def test_what_is_no_address_of_a_server_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        server_address(address)
    assert refused.value.field == "server"


@given(st.text() | st.text().map("https://{}".format) | st.text().map("http://{}".format))
@patient
def test_any_text_is_refused_or_an_address_that_can_be_asked(text: str) -> None:
    try:
        address = server_address(text)
    except InvalidInput:
        return
    url = httpx.URL(address)
    assert url.scheme == "https" or url.host in ("localhost", "127.0.0.1", "::1")
    assert server_address(address) == address


@given(st.text(min_size=8).filter(lambda it: not it.strip().isascii() or " " in it.strip()))
@patient
def test_what_is_no_key_is_refused_and_not_echoed(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        api_key(text)
    assert not echoes(refused.value, text)


@pytest.mark.parametrize("text", ["", " \n", "two words", "tab\tin", "line\nbreak", "a" * 513])
def test_a_key_that_could_break_a_header_is_refused(text: str) -> None:
    with pytest.raises(HashregError):
        api_key(text)


def test_a_key_is_taken_without_the_space_around_it() -> None:
    assert api_key(" hashreg_abc-_9\r\n") == "hashreg_abc-_9"


def test_where_the_extra_is_missing_one_error_names_it() -> None:
    script = (
        "import sys; sys.modules['httpx'] = None\n"
        "from hashreg.model.errors import MissingExtra\n"
        "try:\n    import hashreg.client.http\n"
        "except MissingExtra as error:\n    print(error.code, error)"
    )
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], check=True, capture_output=True, text=True, env=clean
    )
    assert done.stdout.startswith("missing_extra ")
    assert "pip install 'hashreg[client]'" in done.stdout
