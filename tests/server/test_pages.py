"""The victims' page is served as it was built, with what keeps it shut, and to everybody."""

import gzip
from contextlib import closing
from dataclasses import replace

import pytest

from hashreg.page.build import PageFile, page, site
from hashreg.page.settings import PageSettings, default_settings
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.sealed import public_key

from .house import House

PATHS = [it.path for it in site(default_settings())]


@pytest.fixture(scope="module")
def settings(at: House) -> PageSettings:
    """What the page is made of where an operator says nothing: it seals for this registry."""
    with closing(SqliteStore.open(at.service.registry)) as store:
        return replace(default_settings(), seal_to=public_key(store))


@pytest.fixture(scope="module")
def files(settings: PageSettings) -> dict[str, PageFile]:
    return {it.path: it for it in site(settings)}


@pytest.mark.parametrize("path", PATHS)
def test_each_file_is_served_as_it_was_built(
    at: House, files: dict[str, PageFile], path: str
) -> None:
    with at.client() as client:
        served = client.get(path)
    assert served.status_code == 200
    assert served.content == files[path].content
    assert served.headers["content-type"].split(";")[0] == files[path].media_type
    assert served.headers["cache-control"] == "no-store"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in served.headers


def test_the_page_can_be_framed_by_nobody_and_runs_nothing_of_others(at: House) -> None:
    with at.client() as client:
        policy = client.get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy


def test_it_travels_packed_to_who_can_unpack_it(at: House, files: dict[str, PageFile]) -> None:
    with at.client(**{"Accept-Encoding": "gzip"}) as client, client.stream("GET", "/") as served:
        assert served.headers["content-encoding"] == "gzip"
        packed = b"".join(served.iter_raw())
    assert gzip.decompress(packed) == files["/"].content
    assert len(packed) < len(files["/"].content) / 2
    with at.client(**{"Accept-Encoding": "identity"}) as client:
        assert "content-encoding" not in client.get("/").headers


def test_the_saved_copy_comes_as_a_download_and_connects_to_nothing(
    at: House, settings: PageSettings
) -> None:
    with at.client() as client:
        served = client.get("/hashreg.html")
    assert served.headers["content-disposition"] == 'attachment; filename="hashreg.html"'
    assert served.content == page(settings, saved=True)
    assert b"connect-src 'none'" in served.content
