"""Look-ups in two steps: the registry says where to look, the device that has the upload looks."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from PIL import Image

from hashreg.client import keys
from hashreg.hashing import fingerprint
from hashreg.matching import Matcher
from hashreg.matching.policy import PROBES_LOCKED
from hashreg.model.errors import NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import SCOPES, Principal, Role
from hashreg.model.reports import ContentId
from hashreg.model.retention import HANDLES_KEPT
from hashreg.registry.sqlite import SqliteStore
from hashreg.server import handles
from hashreg.server.handles import Handles, Pending
from hashreg.takedown.alignment import ask as ask_index
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from support.cases import NOW, Victim, copy_of, only_pdq, seeded
from support.program import SAMPLES
from support.sent import ask, item, results, seen, submit, withdraw
from support.serving import Served, served
from support.sqlite import state_of

CAT = SAMPLES / "originals" / "cat.png"


@pytest.fixture(scope="module")
def cat() -> Fingerprint:
    return fingerprint(CAT, views="register")


@pytest.fixture(scope="module")
def tilted(tmp_path_factory: pytest.TempPathFactory) -> Fingerprint:
    """A copy that only its shape gives away, with what can still look at it."""
    path = tmp_path_factory.mktemp("tilted") / "tilted.jpg"
    with Image.open(CAT) as opened:
        turned = opened.convert("RGB").rotate(12, Image.Resampling.BICUBIC, expand=True)
    turned.save(path, quality=85)
    return fingerprint(path, views="query")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cat: Fingerprint) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch, served(tmp_path_factory.mktemp("align")) as it:
        patch.setattr(keys, "ROUNDS", 1)
        submit(it, cat)
        yield it


@pytest.fixture
def platform(service: Served) -> Iterator[httpx.Client]:
    with service.client("platform") as client:
        yield client


def asked(client: httpx.Client, path: str, upload: Fingerprint, **more: object) -> dict[str, Any]:
    """Ask about one upload."""
    (result,) = ask(client, path, item(str(more.pop("name", "tilted")), upload), **more)
    assert result["error"] is None
    return dict(result)


def look(upload: Fingerprint, proposed: dict[str, Any]) -> dict[str, Any]:
    """Return what the upload's device sees where it is sent."""
    assert upload.aligner is not None
    return seen(proposed["handle"], upload.aligner.aligned(tuple(proposed["transform"])))


def looked(
    client: httpx.Client, upload: Fingerprint, proposed: list[dict[str, Any]]
) -> dict[str, Any]:
    """Look wherever the service says, and return what it knows in the end."""
    last: dict[str, Any] = {}
    while proposed:
        sent = [look(upload, it) for it in proposed]
        last = results(client.post("/v1/align", json={"items": sent}))[-1]
        proposed = last["align"]
    return last


def test_a_look_up_says_where_to_look_and_nothing_else(
    platform: httpx.Client, tilted: Fingerprint
) -> None:
    result = asked(platform, "/v1/lookup", tilted)
    assert (result["tier"], result["tickets"]) == (None, [])
    assert result["align"]
    for proposed in result["align"]:
        assert proposed.keys() == {"handle", "transform"}
        assert len(proposed["transform"]) == 6


def test_who_looks_finds_what_a_registry_on_the_same_machine_finds(
    platform: httpx.Client, cat: Fingerprint, tilted: Fingerprint
) -> None:
    result = looked(platform, tilted, asked(platform, "/v1/lookup", tilted)["align"])
    assert (result["content_id"], result["tier"], result["tickets"]) == ("tilted", "match", [])
    assert [hit.tier.value for hit in Matcher.of([cat]).find(tilted)] == ["match"]


def test_who_is_locked_out_is_told_no_place_to_look_nor_what_is_seen_there(
    tmp_path: Path, cat: Fingerprint, tilted: Fingerprint
) -> None:
    """A handle that was given before opens nothing any more, either."""
    with served(tmp_path) as service, service.client("platform") as client:
        submit(service, cat)
        before = asked(client, "/v1/lookup", tilted)["align"]
        near = [only_pdq(copy_of(cat, seeded(number), 5)) for number in range(PROBES_LOCKED)]
        ask(client, "/v1/lookup", *(item(str(at), it) for at, it in enumerate(near)))
        for path in ("/v1/lookup", "/v1/reports"):
            after = asked(client, path, tilted)
            assert (after["tier"], after["tickets"], after["align"]) == (None, [], [])
        (answer,) = results(client.post("/v1/align", json={"items": [look(tilted, before[0])]}))
        assert (answer["tier"], answer["align"], answer["error"]) == (None, [], None)


def test_without_a_look_tokens_alone_make_a_possible_match(
    platform: httpx.Client, tilted: Fingerprint
) -> None:
    result = asked(platform, "/v1/lookup", tilted, align=False)
    assert (result["tier"], result["align"]) == ("review", [])
    result = asked(platform, "/v1/lookup", tilted, align=False, tier="match")
    assert (result["tier"], result["align"]) == (None, [])


def test_a_look_that_sees_nothing_makes_no_sure_match(
    platform: httpx.Client, tilted: Fingerprint
) -> None:
    proposed = asked(platform, "/v1/lookup", tilted)["align"]
    sent = [seen(it["handle"], []) for it in proposed]
    for result in results(platform.post("/v1/align", json={"items": sent})):
        assert result["error"] is None
        assert result["tier"] in {None, "review"}


def test_a_report_is_judged_at_once_and_better_where_somebody_looks(
    service: Served, platform: httpx.Client, tilted: Fingerprint
) -> None:
    result = asked(platform, "/v1/reports", tilted, name="reported")
    assert result["tier"] == "review"
    (ticket,) = result["tickets"]
    assert platform.get(f"/v1/tickets/{ticket}").json()["tier"] == "review"
    better = looked(platform, tilted, result["align"])
    assert (better["content_id"], better["tier"], better["tickets"]) == (
        "reported",
        "match",
        [ticket],
    )
    assert platform.get(f"/v1/tickets/{ticket}").json()["tier"] == "match"
    with service.client("moderator") as client:
        entry = client.get(f"/v1/queue/{ticket}").json()
    assert (entry["query_view"], entry["content_id"]) == ("aligned", "reported")
    again = asked(platform, "/v1/reports", tilted, name="reported")  # nobody looked this time
    assert again["tickets"] == [ticket]
    assert platform.get(f"/v1/tickets/{ticket}").json()["tier"] == "match"


def test_a_moderator_is_told_why(service: Served, cat: Fingerprint, tilted: Fingerprint) -> None:
    with service.client("moderator") as client:
        result = asked(client, "/v1/check", tilted)
        assert (result["verdict"], result["matches"]) == ("clear", [])
        (match,) = looked(client, tilted, result["align"])["matches"]
    (hit,) = Matcher.of([cat]).find(tilted)
    told = (match["tier"], match["distance"], match["view"], match["query_view"])
    assert told == (hit.tier, hit.distance, hit.view, hit.query_view)
    assert match["shape"]["points"] == (hit.shape.points if hit.shape else None)


def test_a_bad_handle_is_said_and_the_others_are_answered(
    service: Served, platform: httpx.Client, tilted: Fingerprint
) -> None:
    good = asked(platform, "/v1/lookup", tilted)["align"][0]
    with service.client("other platform") as client:
        strange = asked(client, "/v1/lookup", tilted)["align"][0]
    sent = [
        seen("nobody gave this", []),
        look(tilted, strange),
        look(tilted, good),
        look(tilted, good),  # it was used a moment ago
        {"handle": 7, "hashes": []},
        {"handle": good["handle"]},
    ]
    found = results(platform.post("/v1/align", json={"items": sent}))
    codes = [it["error"] and it["error"]["code"] for it in found]
    assert codes[:5] == ["not_found", "not_found", None, "not_found", "not_found"]
    assert codes[5]
    assert found[2]["content_id"] == "tilted"
    for it in (*found[:2], *found[3:]):
        assert (it["content_id"], it["tier"], it["tickets"], it["align"]) == (None, None, [], [])
    with service.client("other platform") as client:  # its own handle was not used up by us
        (own,) = results(client.post("/v1/align", json={"items": [look(tilted, strange)]}))
    assert own["error"] is None


def test_a_handle_is_good_for_the_key_that_was_given_it(
    service: Served, platform: httpx.Client, tilted: Fingerprint
) -> None:
    added = service.run("platform", "key", "examplegram", "--scope", "lookup", "--json").lines[0]
    (proposed, *_) = asked(platform, "/v1/reports", tilted, name="two keys")["align"]
    service.keys["second"] = added["key"]
    service.wait_for("second")
    with service.client("second") as client:
        (found,) = results(client.post("/v1/align", json={"items": [look(tilted, proposed)]}))
    assert found["error"]["code"] == "not_found"
    (found,) = results(platform.post("/v1/align", json={"items": [look(tilted, proposed)]}))
    assert found["error"] is None


def test_what_is_withdrawn_before_the_look_is_not_found(
    service: Served, platform: httpx.Client
) -> None:
    path = SAMPLES / "originals" / "astronaut.jpg"
    with Image.open(path) as opened:
        turned = opened.convert("RGB").rotate(12, Image.Resampling.BICUBIC, expand=True)
    copy = service.folder / "astronaut.png"
    turned.save(copy)
    upload = fingerprint(copy, views="query")
    victim = submit(service, fingerprint(path, views="register"))
    before = asked(platform, "/v1/reports", upload, name="late")
    proposed = asked(platform, "/v1/lookup", upload)["align"]
    assert before["tickets"]
    assert proposed
    withdraw(service, victim)
    for where in (proposed, before["align"]):
        after = looked(platform, upload, where)
        assert (after["tier"], after["tickets"]) == (None, [])


def test_a_look_up_keeps_nothing(
    service: Served, platform: httpx.Client, tilted: Fingerprint
) -> None:
    before = state_of(service.registry)
    looked(platform, tilted, asked(platform, "/v1/lookup", tilted)["align"])
    asked(platform, "/v1/lookup", tilted, align=False)
    with service.client("moderator") as client:
        looked(client, tilted, asked(client, "/v1/check", tilted)["align"])
    assert state_of(service.registry) == before


def test_a_handle_expires(
    tmp_path: Path, cat: Fingerprint, tilted: Fingerprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [1000.0]
    monkeypatch.setattr(handles, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    given, who = Handles(), Principal(Role.PLATFORM, "a", SCOPES[Role.PLATFORM], "prefix", False)
    with closing(SqliteStore.create(tmp_path / "registry.db")) as store:
        take_in(store, Victim().submission(cat), NOW)
        index = RegistryIndex()
        with store.read():
            index.refresh(store)
    (question,) = ask_index(index, [tilted])
    pending = Pending(ContentId("x"), question, None, explained=False)
    first, second = (given.offer(who, pending, question.open[:1])[0] for _ in range(2))
    moment[0] += HANDLES_KEPT.total_seconds() - 1
    assert given.take(who, first["handle"])[0] is pending
    moment[0] += 2
    with pytest.raises(NotFound):
        given.take(who, second["handle"])
