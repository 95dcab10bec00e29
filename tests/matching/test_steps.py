"""Between any two instructions of a writer a reader finds what stays, and nobody's as another's."""

import itertools
from functools import partial

import numpy as np
import pytest

from hashreg.matching import digests, index, segment, table, token_index
from hashreg.matching.digests import DigestTable
from hashreg.matching.table import HashTable, codes_of
from hashreg.matching.token_index import TokenIndex
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.tokens import TokenKind, Tokens
from matching.codes import rows, seeded
from matching.pictures import centre
from matching.steps import after_steps, at_every_step
from matching.ways import way

STAY, COME = range(0, 12, 2), range(12, 15)
"""Owners that are there all the time, those before and after the removed one; and those added."""
GOES = 5


def test_digests_at_every_step_of_adding_and_removing() -> None:
    chance = seeded("digests")
    digest = {owner: chance.randbytes(32) for owner in (*STAY, GOES, *COME)}
    its = DigestTable(32)
    its.add([(owner, digest[owner]) for owner in sorted({*STAY, GOES})])
    asked = rows(list(digest.values()))

    def check() -> None:
        numbers, owners = its.find(asked)
        found = dict(zip(numbers.tolist(), owners.tolist(), strict=True))
        assert {owner for owner in STAY if its.has(owner)} == {*STAY} <= set(found.values())
        assert all(list(digest)[number] == owner for number, owner in found.items())

    with at_every_step(check, digests) as steps:
        its.add([(owner, digest[owner]) for owner in COME])
        its.remove(np.array([GOES, 99]))
    assert steps[0] > 100
    assert set(its.find(asked)[1].tolist()) == {*STAY, *COME}


@pytest.mark.parametrize("name", ["numpy scan", "numpy ring"])
def test_hashes_at_every_step_of_adding_removing_and_merging(name: str) -> None:
    chance, pdq = seeded("hashes"), Algorithm.PDQ
    item = {
        owner: HashItem(pdq, f"view:{owner}", centre(chance, pdq).hex(), 97)
        for owner in (*STAY, GOES, *COME)
    }
    asked = codes_of(pdq, item.values())
    with way(name, ring_from=6):
        its = HashTable(pdq)
        for owner in sorted({*STAY, GOES}):
            its.add([(owner, item[owner])])

        def check() -> None:
            numbers, owners = its.near(asked, 31)
            found = dict(zip(numbers.tolist(), owners.tolist(), strict=True))
            assert {*STAY} <= set(found.values())
            assert all(list(item)[number] == owner for number, owner in found.items())
            for owner, views in its.of(item).items():
                right = {item[owner].view: item[owner].digest}
                equal = {view: it.code for view, it in views.items()} == right
                assert equal or (not views and owner not in STAY)

        with at_every_step(check, table, index, segment) as steps:
            its.add([(owner, item[owner]) for owner in COME])
            its.remove(np.array([GOES, 99]))
            its.merge()
        assert steps[0] > 300
        assert set(its.near(asked, 31)[1].tolist()) == {*STAY, *COME}


def test_tokens_at_every_step_of_adding_and_removing() -> None:
    word = {owner: 100 + owner for owner in (*STAY, GOES, *COME)}
    its = TokenIndex()

    def tokens(owner: int) -> tuple[int, Tokens]:
        record = word[owner].to_bytes(3) + owner.to_bytes(2)
        return owner, Tokens(TokenKind.REGISTERED, (-200 * owner).to_bytes(2, signed=True) + record)

    for owner in sorted({*STAY, GOES}):
        its.add([tokens(owner)])
    asked = np.array(list(word.values()), np.uint32)

    def check() -> None:
        numbers, found = its.find(asked)
        assert {*STAY} <= set(found.owners.tolist())
        assert (found.words == found.owners + 100).all()
        assert (found.places == found.owners).all()
        assert (asked[numbers] == found.words).all()
        for owner in word:
            size = its.shape(owner)
            assert size is not None or owner not in STAY
            assert size is None or abs(size[1] - 2 ** (-200 * owner / 4096)) < 1e-6

    with at_every_step(check, token_index) as steps:
        its.add([tokens(owner) for owner in COME])
        its.remove(np.array([GOES, 99]))
    assert steps[0] > 300
    assert set(its.find(asked)[1].owners.tolist()) == {*STAY, *COME}


def test_hashes_that_are_removed_while_they_are_read_are_right_or_not_there() -> None:
    chance, pdq = seeded("read"), Algorithm.PDQ
    item = [HashItem(pdq, "whole", centre(chance, pdq).hex(), 97) for _ in range(3)]
    for count in itertools.count(1):
        its = HashTable(pdq)
        its.add(list(enumerate(item)))
        read, write = partial(its.of, [0, 1]), partial(its.remove, np.array([1]))
        enough, found = after_steps(count, read, write, table, index, segment)
        codes = [[view.code for view in found[owner].values()] for owner in (0, 1)]
        equal = [[item[0].digest] == codes[0], codes[1] in ([], [item[1].digest])]
        assert equal == [True, True]
        if not enough:
            break
    assert count > 100
