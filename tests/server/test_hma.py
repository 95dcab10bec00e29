"""A client that speaks Hasher-Matcher-Actioner's look-up needs another address, no more."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from hashreg.model.hashes import Algorithm
from support.cases import Victim, flipped, picture, seeded
from support.secrecy import leaks
from support.serving import Served

from .house import House, house, quick_keys


@dataclass
class HmaClient:
    """What such a client does: it looks signals up, and reads banks with distances."""

    http: httpx.Client

    def is_alive(self) -> bool:
        answer = self.http.get("/hma/status")
        return answer.status_code == 200 and answer.text == "I-AM-ALIVE"

    def banks(self, signal_type: str, signal: str) -> dict[str, list[int]]:
        body = {"signal_type": signal_type, "signal": signal}
        answer = self.http.post("/hma/m/lookup", json=body)
        answer.raise_for_status()
        return {
            bank: [int(it["distance"]) for it in matches if int(it["bank_content_id"]) >= 0]
            for bank, matches in answer.json().items()
        }


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("hma")) as made:
        yield made


@pytest.fixture
def client(ours: House) -> Iterator[HmaClient]:
    with ours.client("platform") as http:
        yield HmaClient(http)


def of(ours: House, number: int, algorithm: Algorithm = Algorithm.PDQ, bits: int = 0) -> str:
    """Return a signal at a distance from that of a registered picture."""
    item = next(it for it in ours.pictures[number].hashes if it.algorithm is algorithm)
    return flipped(item, seeded(bits), bits).hash


def test_it_is_alive(client: HmaClient) -> None:
    assert client.is_alive()


@pytest.mark.parametrize(
    ("bits", "banks"),
    [
        (0, {"HASHREG_MATCH": [31]}),
        (31, {"HASHREG_MATCH": [31]}),
        (32, {"HASHREG_REVIEW": [45]}),
        (45, {"HASHREG_REVIEW": [45]}),
        (46, {}),
    ],
)
def test_a_signal_is_in_the_bank_of_its_tier_and_no_distance_is_told(
    ours: House, client: HmaClient, bits: int, banks: dict[str, list[int]]
) -> None:
    assert client.banks("pdq", of(ours, 0, bits=bits)) == banks


def test_equal_files_are_found_too(ours: House, client: HmaClient) -> None:
    assert client.banks("video_md5", of(ours, 1, Algorithm.MD5)) == {"HASHREG_MATCH": [31]}


def test_a_withdrawn_picture_is_in_no_bank(ours: House, client: HmaClient) -> None:
    victim, made = Victim(), picture(seeded(77))
    signal = next(it.hash for it in made.hashes if it.algorithm is Algorithm.PDQ)
    with quick_keys():
        documents = [victim.submission(made).to_bytes(), victim.withdrawal().to_bytes()]
    assert client.banks("pdq", signal) == {}
    for content, expected in zip(documents, ({"HASHREG_MATCH": [31]}, {}), strict=True):
        client.http.post("/v1/submissions", content=content).raise_for_status()
        assert client.banks("pdq", signal) == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"signal_type": "pdq"},
        {"signal_type": "pdq", "signal": "0f" * 16},
        {"signal_type": "pdq", "signal": "zz" * 32},
        {"signal_type": "photodna", "signal": "0f" * 32},
        {"signal_type": ["pdq"], "signal": "0f" * 32},
    ],
)
def test_what_is_no_signal_is_refused_and_not_repeated(
    client: HmaClient, body: dict[str, object]
) -> None:
    answer = client.http.post("/hma/m/lookup", json=body)
    assert answer.status_code == 400
    assert "0f0f" not in answer.text
    assert "zz" not in answer.text


def test_a_picture_is_refused(client: HmaClient) -> None:
    answer = client.http.post(
        "/hma/m/lookup", files={"photo": ("a.jpg", b"\xff\xd8", "image/jpeg")}
    )
    assert answer.status_code == 415


def test_a_signal_in_the_address_is_refused_unless_the_operator_allows_it(
    ours: House, client: HmaClient
) -> None:
    query = {"signal_type": "pdq", "signal": of(ours, 0)}
    answer = client.http.get("/hma/m/lookup", params=query)
    assert (answer.status_code, answer.json()["error"]["field"]) == (403, "signal")
    assert leaks(ours.canaries, ours.service.log.read_bytes() + answer.content) == 0


def test_where_it_is_allowed_it_is_answered_as_the_same_signal_by_post(tmp_path: Path) -> None:
    made = picture(seeded(78))
    signal = next(it.hash for it in made.hashes if it.algorithm is Algorithm.PDQ)
    query = {"signal_type": "pdq", "signal": signal}
    service = Served(tmp_path, {"HASHREG_SIGNALS_IN_URLS": "1"})
    with service, service.client("platform") as http:
        with quick_keys():
            document = Victim().submission(made).to_bytes()
        http.post("/v1/submissions", content=document).raise_for_status()
        answer = http.get("/hma/m/lookup", params=query)
        assert answer.json() == {"HASHREG_MATCH": [{"bank_content_id": 0, "distance": "31"}]}
        assert answer.content == http.post("/hma/m/lookup", json=query).content
        assert http.get("/hma/m/lookup", params={"signal_type": "pdq"}).status_code == 400
    assert leaks([bytes.fromhex(signal)], service.log.read_bytes()) == 0
