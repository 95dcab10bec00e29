"""An attacker with a platform's key wants a registered hash and has a copy of the picture.

Flipping the bits of a question at the edge of what is answered tells one bit of the hash with each
answer: 273 of them are all of it (facts, T5). The real service answers so many questions near one
picture, then nothing more of it, and an event says so.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hashreg.client import keys
from hashreg.matching import policy
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from support.cases import picture, seeded
from support.sent import JSONL, Item, item, lines, results, submit
from support.serving import SEEN_WITHIN, Served

BITS = 256
MOST_LEARNED = 70
Ask = Callable[[list[Item]], list[bool]]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch, Served(tmp_path) as made:
        patch.setattr(keys, "ROUNDS", 1)
        yield made


@pytest.fixture
def attack(service: Served) -> "Attack":
    """Somebody with a copy of a picture that is registered."""
    secret = picture(seeded(1))
    submit(service, secret)
    return Attack(secret)


class Attack:
    """Finds out bits of a hash, knowing a copy's hash that is ``apart`` bits away."""

    def __init__(self, secret: Fingerprint, apart: int = 12) -> None:
        (whole,) = (it for it in secret.hashes if (it.algorithm, it.view) == ("pdq", "whole"))
        self.secret = int(whole.hash, 16)
        self.chance = seeded(2)
        self.start = self.secret ^ _mask(self.chance.sample(range(BITS), apart))
        self.questions = self.names = 0

    def run(self, ask: Ask, most: int = 400) -> int:
        """Ask ``most`` questions, or all; return how many bits are found out for certain.

        At the edge, turning a wrong bit brings a hit and turning a right one a miss. A miss says
        nothing once nobody is answered, so the copy's own hash is asked beside each question.
        """
        edge = self._edge(ask)
        learned = 0
        for place in self.chance.sample(range(BITS), BITS):
            if self.questions >= most:
                break
            hit = self.hits(ask, edge ^ (1 << place))
            if ask([self.question(self.start)]) == [True]:
                assert hit == bool((self.secret ^ edge) >> place & 1)
                learned += 1
        return learned

    def hits(self, ask: Ask, code: int) -> bool:
        self.questions += 1
        return ask([self.question(code)])[0]

    def question(self, code: int) -> Item:
        hash_ = HashItem(Algorithm.PDQ, "probe", f"{code:064x}", 90)
        self.names += 1
        return item(f"probe {self.names}", Fingerprint((hash_,), 90))

    def all_near(self) -> list[Item]:
        """Return a question for each bit, one bit away from the copy's own hash."""
        return [self.question(self.start ^ 1 << place) for place in range(BITS)]

    def _edge(self, ask: Ask) -> int:
        """Return a code just beyond what is answered: turn bits of the copy until it is missed."""
        order = self.chance.sample(range(BITS), BITS)
        few, many = 0, 80
        while many - few > 1:
            middle = (few + many) // 2
            if self.hits(ask, self.start ^ _mask(order[:middle])):
                few = middle
            else:
                many = middle
        return self.start ^ _mask(order[:many])


def _mask(places: list[int]) -> int:
    return sum(1 << it for it in places)


def asks_by(client: httpx.Client, path: str) -> Ask:
    def ask(sent: list[Item]) -> list[bool]:
        found = results(client.post(path, json={"items": sent, "tier": "match"}))
        return [it["tier"] is not None for it in found]

    return ask


def asks_in_a_stream(client: httpx.Client, path: str) -> Ask:
    def ask(sent: list[Item]) -> list[bool]:
        answer = client.post(
            f"{path}?tier=match", content=lines(sent), headers={"Content-Type": JSONL}
        )
        return [line["tier"] is not None for line in map(_object, answer.iter_lines())]

    return ask


def _object(line: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.Response(200, content=line).json()
    return found


def events(service: Served, kind: str) -> list[dict[str, Any]]:
    with service.client("auditor") as client:
        found = client.get("/v1/events?limit=1000").json()["events"]
    return [it for it in found if it["kind"] == kind]


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/reports"])
@pytest.mark.parametrize("asks", [asks_by, asks_in_a_stream])
def test_the_oracle_is_shut_before_a_hash_is_found_out(
    service: Served, attack: Attack, path: str, asks: Callable[[httpx.Client, str], Ask]
) -> None:
    with service.client("platform") as client:
        learned = attack.run(asks(client, path))
        assert attack.questions > BITS
        assert 0 < learned <= MOST_LEARNED
        (warned,) = events(service, "probing_warned")
        (locked,) = events(service, "probing_locked")
        assert warned["detail"] == locked["detail"] == "platform:examplegram"
        asked = [attack.question(attack.secret), attack.question(attack.start)]
        assert asks(client, path)(asked) == [False, False], "whatever is asked now"
    with service.client("other platform") as other:
        assert asks(other, path)(asked) == [True, True], "others find copies as before"


def test_without_a_budget_this_attack_finds_all_out() -> None:
    """The attack is a real one: it needs no more questions than were measured."""
    secret = picture(seeded(1))
    attack = Attack(secret)

    def ask(sent: list[Item]) -> list[bool]:
        codes = (int(it["hashes"][0]["hash"], 16) for it in sent)
        return [(it ^ attack.secret).bit_count() <= policy.MATCH_RADIUS for it in codes]

    learned = attack.run(ask)
    assert learned == BITS
    assert attack.questions <= 273


def test_the_alarm_comes_at_the_seventeenth_question_at_the_latest(
    service: Served, attack: Attack
) -> None:
    with service.client("platform") as client:
        attack.run(asks_by(client, "/v1/lookup"), 17)
    assert attack.questions <= 17 + 7
    assert len(events(service, "probing_warned")) == 1


def test_one_call_with_all_questions_gets_no_more_answers(service: Served, attack: Attack) -> None:
    near = attack.all_near()
    with service.client("platform") as client:
        answers = asks_by(client, "/v1/lookup")(near)
    assert answers == [True] * policy.PROBES_LOCKED + [False] * (BITS - policy.PROBES_LOCKED)


def test_a_restart_or_a_second_key_gives_no_more_answers(service: Served, attack: Attack) -> None:
    near = attack.all_near()
    with service.client("platform") as client:
        assert all(asks_by(client, "/v1/lookup")(near[: policy.PROBES_LOCKED]))
    assert service.stop() == 0
    service.keys["second"] = service.run("platform", "key", "examplegram", "--json").lines[0]["key"]
    service.start()
    with service.client("second") as client:
        assert not any(asks_by(client, "/v1/lookup")(near[policy.PROBES_LOCKED :]))


def test_another_process_on_the_same_file_gives_no_more_answers(
    service: Served, attack: Attack
) -> None:
    second = Served(service.folder)
    second.keys, second.log = service.keys, service.folder / "second.log"
    second.start()
    try:
        with service.client("platform") as client:
            assert not all(asks_by(client, "/v1/lookup")(attack.all_near()))
        with second.client("platform") as client:
            deadline = time.monotonic() + SEEN_WITHIN
            ask = asks_by(client, "/v1/lookup")
            while ask([attack.question(attack.secret)]) != [False]:
                assert time.monotonic() < deadline, "the service does not see what has changed"
                time.sleep(0.05)
    finally:
        second.kill()


def test_a_moderator_is_told_that_something_is_withheld(service: Served, attack: Attack) -> None:
    near = attack.all_near()
    with service.client("moderator") as client:
        rows = results(client.post("/v1/check", json={"items": near}))
    told, withheld = rows[: policy.PROBES_LOCKED], rows[policy.PROBES_LOCKED :]
    assert {it["verdict"] for it in told} == {"match"}
    assert {(it["verdict"], it["error"]["code"]) for it in withheld} == {("unchecked", "refused")}


def test_a_person_opens_it_again(service: Served, attack: Attack) -> None:
    near = attack.all_near()
    with service.client("platform") as client:
        ask = asks_by(client, "/v1/reports")
        assert not all(ask(near))
        (locked,) = service.run("probing", "list", "--json").lines
        assert (locked["asker"], locked["state"]) == ("platform:examplegram", "locked")
        who = ("--asker", locked["asker"], "--as", "kim")
        (done,) = service.run("probing", "release", locked["picture"], *who, "--json").lines
        assert done["tickets"] > 0
        deadline = time.monotonic() + SEEN_WITHIN
        while ask([attack.question(attack.secret)]) != [True]:
            assert time.monotonic() < deadline, "the service does not see what has changed"
            time.sleep(0.05)
        more = [attack.question(attack.start ^ 2 << place) for place in range(10)]
        assert all(ask(more)), "what is told after all does not bring the picture to be held"
