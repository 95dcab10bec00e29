"""Others' feeds are read record by record; whatever is wrong costs that record and no other."""

import json
import tracemalloc
from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.exchange.partners import Damaged, Entry, Other, read_feed
from hashreg.model.hashes import Algorithm
from support.cases import picture, seeded
from support.secrecy import leaks

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"


def pdq(number: int) -> str:
    return picture(seeded(number)).hashes[0].hash


def md5(number: int) -> str:
    return picture(seeded(number)).hashes[-1].hash


def page(*records: object, **more: object) -> bytes:
    told = {"count": len(records), "nextPageToken": None, "hasMoreRecords": False}
    return json.dumps(told | {"hashRecords": records} | more).encode()


def record(value: str, **changed: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "lastModtimestamp": 1700000000,
        "signalType": "ImagePDQ",
        "hashValue": value,
        "hashStatus": "Active",
        "caseNumbers": {"0f": "Active"},
        "CSPFeedbacks": [{"source": "a", "feedbackValue": "Blocked", "tags": ["x"]}],
    }
    return usual | changed


def xml(*entries: str) -> bytes:
    inner = "".join(entries)
    return (
        f'<?xml version="1.0"?><queryResult xmlns="{NAMESPACE}"><images count="1">{inner}</images>'
        "</queryResult>"
    ).encode()


def xml_entry(kind: str = "image", name: str = "1", **fingerprints: str) -> str:
    values = "".join(f"<{it}>{escape(value)}</{it}>" for it, value in fingerprints.items())
    return (
        f'<{kind}><member id="42">A</member><id>{name}</id><classification>A1</classification>'
        f"<fingerprints>{values}</fingerprints></{kind}>"
    )


def kinds(content: bytes) -> list[str]:
    """Return of each record what it is: the hashes' algorithms, gone, other, or its place."""
    told = []
    for it in read_feed(content):
        if isinstance(it, Damaged):
            told.append(it.place)
        elif isinstance(it, Entry):
            made = it.fingerprint
            told.append("+".join(sorted(h.algorithm for h in made.hashes)) if made else "gone")
        else:
            assert isinstance(it, Other)
            told.append("other")
    return told


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (page(record(pdq(1)), record(pdq(2), hashStatus="Withdrawn")), ["pdq", "gone"]),
        (page(record(pdq(1), hashStatus="Deleted")), ["gone"]),
        (page(record(pdq(1), hashStatus="Paused")), ["pdq"]),
        (page(record(pdq(1).upper(), CSPFeedbacks=[{"feedbackValue": "Undefined"}])), ["pdq"]),
        (page(record(pdq(1), caseNumbers=[], hashRegions=["UK"])), ["pdq"]),
        (page({"signalType": "ImagePDQ", "hashValue": pdq(1)}), ["pdq"]),
        (page(record(md5(1), signalType="VideoMD5")), ["md5"]),
        (page(record("http://a", signalType="URL"), record("x", signalType="New")), ["other"] * 2),
        (page(record(pdq(1)[:50]), record(pdq(2))), ["record 1", "pdq"]),
        (
            page(record("0" * 64), 7, "x", None, record(pdq(2))),
            [*map("record {}".format, range(1, 5)), "pdq"],
        ),
        (page(record(pdq(1), hashValue=3), record(pdq(2))), ["record 1", "pdq"]),
        (page(record(pdq(1))) + b"\n" + page(record(pdq(2))), ["pdq", "pdq"]),
        (page(), []),
        (page(record(pdq(1)), record(pdq(2)))[:-40], ["pdq", "record 2"]),
        (page(record(pdq(1)), record(pdq(2)))[:-2], ["pdq", "pdq", "record 3"]),
    ],
)
def test_pages_of_stopncii(content: bytes, expected: list[str]) -> None:
    assert kinds(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (xml(xml_entry(pdq=pdq(1), md5=md5(1), pdna="0,1")), ["md5+pdq"]),
        (xml(xml_entry(md5=md5(1).upper()), xml_entry("deletedImage", "2")), ["md5", "gone"]),
        (xml(xml_entry("video", md5=md5(1)), xml_entry("deletedVideo")), ["md5", "gone"]),
        (xml(xml_entry(pdna="0,1")), ["other"]),
        (xml(xml_entry(pdq="zz"), xml_entry(name="2", pdq=pdq(2))), ["entry 1", "pdq"]),
        (xml(xml_entry(name="", pdq=pdq(1))), ["entry 1"]),
        (xml(xml_entry(pdq=pdq(1)), xml_entry(name="2", pdq=pdq(2)))[:-80], ["pdq", "entry 2"]),
        (xml(xml_entry(pdq=pdq(1)))[:-3], ["pdq", "entry 2"]),
        (b"<a/>", []),
        (b"<", ["entry 1"]),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', ["entry 1"]),
        ("<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16-le"), ["entry 1"]),
        (b"<?xml version='1.0' encoding='nothing'?><a/>", ["entry 1"]),
    ],
)
def test_entries_of_ncmec(content: bytes, expected: list[str]) -> None:
    assert kinds(content) == expected


def test_a_deletion_of_ncmec_has_the_name_of_what_it_deletes() -> None:
    (first,), (second,) = (
        read_feed(xml(it)) for it in (xml_entry(pdq=pdq(1)), xml_entry("deletedImage"))
    )
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert (first.name, second.fingerprint) == (second.name, None)


OF_TX = f"""\
signal_type,signal_str,collab,category,tags
pdq,{pdq(1)},a,POSITIVE_CLASS,x y
url,http://a,a,DISPUTED,
pdq,zz,a,NEW_CLASS,
pdq,{pdq(2)},,,
"""
OURS = f"""\
record,algorithm,view,hash,quality
r1,pdq,whole,{pdq(1)},90
r1,md5,file,{md5(1)},
r2,pdq,whole,zz,
r3,new,whole,{pdq(3)},
,pdq,whole,{pdq(4)},
"""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"pdq {pdq(1)}\nvideo_md5 {md5(1)}\n\n{pdq(2)}\n{md5(2)}\n", ["pdq", "md5", "pdq", "md5"]),
        (f"\ufeffpdq {pdq(1)}\r\nurl http://a\r\n", ["line 1", "other"]),
        (f"pdq\npdq {pdq(1)} x\n사진\npdq {pdq(2)}", ["line 1", "line 2", "line 3", "pdq"]),
        (f"pdq {pdq(1)[:9]}\npdq {pdq(2)}", ["line 1", "pdq"]),
        (OF_TX, ["pdq", "other", "line 4", "pdq"]),
        (OURS, ["md5+pdq", "line 4", "line 5", "line 6"]),
        ("hello\n" * 50, [f"line {it}" for it in range(1, 11)]),
        (f"{md5(1)}\n" + "hello\n" * 50, ["md5", *(f"line {it}" for it in range(2, 52))]),
        ("", []),
        ("\0\0", ["line 1"]),
    ],
)
def test_lines_and_tables(content: str, expected: list[str]) -> None:
    assert kinds(content.encode()) == expected


@pytest.mark.parametrize(
    "row", ['pdq,"{},,,', "pdq,{}", ",{},,,", "pdq,{},,,,,", "\xff{},x,,,", "{0}" * 9000]
)
def test_a_broken_row_costs_itself_and_no_other(row: str) -> None:
    head = b"signal_type,signal_str,collab,category,tags"
    good = [f"pdq,{pdq(it)},,," for it in range(2500)]
    rows = [*good[:5], row.format(pdq(7)), *good[5:]]
    told = kinds(b"\n".join([head, *(it.encode("latin-1") for it in rows)]))
    assert told == ["pdq"] * 5 + ["line 7"] + ["pdq"] * 2495


def test_a_number_that_is_none_costs_its_record() -> None:
    rows = [f"a,pdq,whole,{pdq(1)},{'9' * 5000}", f"b,pdq,whole,{pdq(2)},101"]
    content = "\n".join(["record,algorithm,view,hash,quality", *rows, f"c,pdq,whole,{pdq(3)},100"])
    assert kinds(content.encode()) == ["line 2", "line 3", "pdq"]


@pytest.mark.parametrize(
    "content",
    [
        b"<r>" + b"<a/>" * 500_000 + b"</r>",
        b"<r><images>" + b"<b>c</b>" * 250_000 + b"</images></r>",
        f"pdq {pdq(1)}\n".encode() + b"url a\n" * 400_000,
        f"{OF_TX.splitlines()[0]}\n".encode() + b"url,a,,,\n" * 250_000,
    ],
    ids=["elements", "deeper elements", "lines", "rows"],
)
def test_reading_takes_little_more_memory_than_the_file(content: bytes) -> None:
    tracemalloc.start()
    for _ in read_feed(content):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * len(content)


def test_our_own_records() -> None:
    hashes = [picture(seeded(1)).hashes[0].as_json()]
    good = {"record": "a", "deleted": False, "media": "image", "hashes": hashes}
    lines = [
        good,
        {"record": "b", "deleted": True, "media": None, "hashes": []},
        {"restart": True},
        {"cursor": "7-0f0f0f0f"},
        good | {"record": "c", "hashes": []},
        good | {"record": 3},
        good | {"record": "d", "media": "sound"},
        good | {"record": "e"},
    ]
    content = "\n".join(map(json.dumps, lines)).encode()
    expected = ["pdq", "gone", "other", "other", "line 5", "line 6", "line 7", "pdq"]
    assert kinds(content) == expected


CUT: list[Callable[[int], bytes]] = [
    lambda at: page(record(pdq(1)), record(pdq(2)), record(pdq(3)))[:at],
    lambda at: xml(*(xml_entry(name=str(it), pdq=pdq(it)) for it in range(3)))[:at],
]


@given(st.integers(0, 1), st.integers(0, 1500))
def test_what_is_cut_off_anywhere_is_read_up_to_there(which: int, at: int) -> None:
    whole = list(read_feed(CUT[which](100_000)))
    read = list(read_feed(CUT[which](at)))
    good = [it for it in read if isinstance(it, Entry)]
    assert good == whole[: len(good)]
    assert len(good) <= 3
    for it in read:
        if isinstance(it, Damaged):
            said = f"{it.place} {it.error} {it!r}".encode()
            assert leaks([bytes.fromhex(pdq(number)) for number in range(4)], said) == 0


@given(st.binary(max_size=300))
def test_rubbish_ends_in_records_that_are_named(content: bytes) -> None:
    for prefix in (b"", b'{"hashRecords": [', b"<a>", b"signal_type,signal_str\n", b'{"record": '):
        for it in read_feed(prefix + content):
            assert isinstance(it, (Entry, Damaged, Other))


def test_no_name_and_no_hash_is_in_a_repr() -> None:
    (made,) = read_feed(f"pdq {pdq(1)}".encode())
    assert isinstance(made, Entry)
    assert made.fingerprint is not None
    assert made.fingerprint.hashes[0].algorithm is Algorithm.PDQ
    assert leaks([bytes.fromhex(pdq(1))], repr(made).encode()) == 0
