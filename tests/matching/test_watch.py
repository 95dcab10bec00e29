"""What a question comes near to: as every code compared with every other says."""

from hypothesis import given
from hypothesis import strategies as st

from hashreg.matching import Watch, policy
from hashreg.matching.asked import Asked
from hashreg.matching.table import codes_of
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem

from .codes import at_distance, seeded

RADII = st.sampled_from([0, 31, 45, 61, 62, 63, 72, 77, 78, 79, 90])


def code(seed: int) -> bytes:
    """Return a code that a genuine picture could have."""
    return seeded(seed).randbytes(32)


def of(*codes: bytes, phash: bool = False) -> Fingerprint:
    items = [HashItem(Algorithm.PDQ, f"window:{at}", it.hex(), 90) for at, it in enumerate(codes)]
    more = [HashItem(Algorithm.PHASH, "whole", "0123456789abcdef", 90)] if phash else []
    return Fingerprint((*items, *more), 90)


def naive(watched: dict[int, Fingerprint], asked: Fingerprint) -> set[int]:
    """Compare every code with every other."""
    has_phash = any(it.algorithm is Algorithm.PHASH for it in asked.hashes)
    radius = policy.PROBE_CONFIRM_RADIUS if has_phash else policy.PROBE_RADIUS
    ours = [int.from_bytes(it.tobytes()) for it in Asked([asked]).pdq().codes]
    return {
        name
        for name, it in watched.items()
        for other in it.hashes
        if any((one ^ int(other.hash, 16)).bit_count() <= radius for one in ours)
    }


@given(
    st.lists(st.tuples(st.integers(0, 5), RADII, st.booleans()), max_size=6),
    st.sets(st.integers(0, 5), max_size=3),
)
def test_it_says_what_comparing_everything_says(
    questions: list[tuple[int, int, bool]], dropped: set[int]
) -> None:
    watched = {name: of(code(10 * name), code(10 * name + 1)) for name in range(6)}
    watch: Watch[int] = Watch(10)
    for name, it in watched.items():
        watch.add(name, it)
    for name in dropped:
        watch.drop(name)
        del watched[name]
    chance = seeded("near")
    asked = [
        of(at_distance(chance, code(10 * name + 1), bits), code(1000 + at), phash=phash)
        for at, (name, bits, phash) in enumerate(questions)
    ]
    assert watch.near(asked) == [naive(watched, it) for it in asked]


def test_a_whole_picture_is_near_however_it_is_turned() -> None:
    watch: Watch[str] = Watch(10)
    turned = Asked([Fingerprint((HashItem(Algorithm.PDQ, "whole", code(1).hex(), 90),), 90)]).pdq()
    for number, it in enumerate(turned.codes):
        watch.add(str(number), of(it.tobytes()))
    asked = Fingerprint((HashItem(Algorithm.PDQ, "whole", code(1).hex(), 90),), 90)
    assert len(watch.near([asked])[0]) == len(turned.codes) > 1


def test_the_one_that_was_not_seen_for_longest_makes_room() -> None:
    watch: Watch[int] = Watch(3)
    for name in range(3):
        watch.add(name, of(code(name)))
    watch.see(0)
    watch.add(3, of(code(3)))
    assert [name in watch for name in range(4)] == [True, False, True, True]
    assert watch.near([of(code(1)), of(code(0))]) == [set(), {0}]
    assert len(watch) == 3


def test_what_is_dropped_leaves_no_code() -> None:
    watch: Watch[int] = Watch(3)
    watch.add(1, of(code(1)))
    watch.drop(1)
    watch.drop(2)
    assert watch.near([of(code(1))]) == [set()]
    assert codes_of(Algorithm.PDQ, []).shape == (0, 32)
