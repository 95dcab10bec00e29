"""A platform's report: every good line is taken, every bad one is named by its number."""

import csv
import io
import json
import secrets
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashreg.model.errors import FileProblem, UnreadableFile
from hashreg.model.fingerprints import MAX_HASHES, Fingerprint, fingerprint_line
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.reports import (
    COLUMNS,
    MAX_CONTENT_ID,
    MAX_LINE,
    MAX_TOLD,
    MOST_LINES_WITHOUT_SHAPE,
    BadLine,
    ContentIdFrom,
    Report,
    read_reports,
)
from model.silence import echoes
from model.strategies import fingerprints, hash_items, json_values, patient

BOM = b"\xef\xbb\xbf"


def pdq(view: str = "whole", quality: int | None = 97) -> HashItem:
    return HashItem(Algorithm.PDQ, view, secrets.token_hex(32), quality)


def sha256() -> HashItem:
    return HashItem(Algorithm.SHA256, "file", secrets.token_hex(32), None)


def cells(name: str, item: HashItem) -> dict[str, object]:
    """Return one flat row of a report."""
    return {"content_id": name, **item.as_json()}


def as_csv(
    rows: Iterable[dict[str, object]], columns: Sequence[str] = COLUMNS, end: str = "\n"
) -> bytes:
    """Return rows as a spreadsheet or a script would write them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator=end, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(content: bytes, content_id_from: ContentIdFrom = "sha256") -> list[Report | BadLine]:
    """Read a report as the program does, from a binary file."""
    return list(read_reports(io.BytesIO(content), content_id_from))


def good(entries: Iterable[Report | BadLine]) -> list[str]:
    return [entry.content_id for entry in entries if isinstance(entry, Report)]


def bad(entries: Iterable[Report | BadLine]) -> list[int]:
    return [entry.line for entry in entries if isinstance(entry, BadLine)]


def holds(entry: Report | BadLine, *items: HashItem) -> bool:
    """Tell whether a report holds exactly these hashes, without showing any."""
    return isinstance(entry, Report) and entry.fingerprint.hashes == items


# CSV


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "with a byte order mark"])
def test_csv_is_read_as_spreadsheets_write_it(mark: bytes, end: str) -> None:
    one, two, digest = pdq(), pdq("mirror", None), sha256()
    rows = [cells("a,1", one), cells("a,1", two), cells('b "2"', digest)]
    entries = read(mark + as_csv(rows, end=end))
    assert good(entries) == ["a,1", 'b "2"']
    assert holds(entries[0], one, two)
    assert holds(entries[1], digest)


def test_columns_may_stand_in_any_order_and_others_beside_them() -> None:
    item = pdq()
    columns = ("hash", "uploader", "quality", "view", "algorithm", "content_id")
    entries = read(as_csv([cells("a", item) | {"uploader": "x"}], columns))
    assert good(entries) == ["a"]
    assert holds(entries[0], item)


def test_the_quality_column_may_be_empty_or_missing() -> None:
    item = pdq(quality=None)
    for columns in (COLUMNS, COLUMNS[:4]):
        assert holds(read(as_csv([cells("a", item)], columns))[0], item)


@pytest.mark.parametrize("missing", COLUMNS[:4])
def test_a_header_without_a_needed_column_says_which_are_needed(missing: str) -> None:
    columns = [column for column in COLUMNS if column != missing]
    entries = read(as_csv([], columns))
    assert bad(entries) == [1]
    assert isinstance(entries[0], BadLine)
    assert ",".join(COLUMNS) in str(entries[0].error)


def test_blank_lines_are_passed_over_and_still_counted() -> None:
    header, row, *_ = as_csv([cells("a", pdq())]).splitlines(keepends=True)
    entries = read(b"\n  \n" + header + b"\n\r\n" + row + b"\n" + b"rubbish\n" + row)
    assert good(entries) == ["a", "a"]
    assert bad(entries) == [8]


@pytest.mark.parametrize(
    "line",
    [
        b"just one cell",
        b"a,pdq,whole",
        b"a,pdq,whole,%(hash)s,97,one more",
        b'"a,pdq,whole,%(hash)s,97',
        b"a,pdq,whole,%(hash)s,ninety",
        b"a,pdq,whole,%(hash)s,-1",
        b"a,pdq,whole,%(hash)s,101",
        b"a,pdq,whole,%(hash)s,97.0",
        "a,pdq,whole,%(hash)s,９７".encode(),
        b"a,pdq,whole,%(hash)s," + b"9" * 5000,
        b"a,pdq,whole,%(hash)s0,97",
        b"a,PDQ,whole,%(hash)s,97",
        b"a,pdq,WHOLE,%(hash)s,97",
        b"a,pdq,whole, %(hash)s,97",
        b",pdq,whole,%(hash)s,97",
        b"a" * (MAX_CONTENT_ID + 1) + b",pdq,whole,%(hash)s,97",
        b"\xff,pdq,whole,%(hash)s,97",
        b"\xed\xa0\x80,pdq,whole,%(hash)s,97",
        b"a\rb,pdq,whole,%(hash)s,97",
        b"a" * 200_000 + b",pdq,whole,%(hash)s,97",
        b"\0",
    ],
    ids=lambda line: repr(line[:30] + line[-5:]),
)
def test_a_bad_row_is_named_by_its_number_and_the_others_are_taken(line: bytes) -> None:
    secret = secrets.token_hex(32)
    rows = [cells("first", pdq()), cells("last", pdq())]
    header, first, last = as_csv(rows).splitlines(keepends=True)
    entries = read(header + first + line.replace(b"%(hash)s", secret.encode()) + b"\n" + last)
    assert good(entries) == ["first", "last"]
    assert bad(entries) == [3]
    assert not any(echoes(e.error, secret) for e in entries if isinstance(e, BadLine))


def test_neighbouring_rows_of_one_content_belong_together() -> None:
    one, two, three, again = pdq(), pdq("mirror"), pdq(), pdq("turned")
    rows = [cells("a", one), cells("a", two), cells("b", three), cells("a", again)]
    for content in (as_csv(rows), "\n".join(map(json.dumps, rows)).encode()):
        entries = read(content)
        assert good(entries) == ["a", "b", "a"]
        assert holds(entries[0], one, two)
        assert holds(entries[1], three)
        assert holds(entries[2], again)


def test_a_bad_row_between_two_of_one_content_comes_out_in_its_place() -> None:
    header, one, two = as_csv([cells("a", pdq()), cells("a", pdq("x"))]).splitlines(keepends=True)
    entries = read(header + one + b"rubbish\n" + two)
    assert [type(entry) for entry in entries] == [Report, BadLine, Report]


def test_more_rows_of_one_content_than_a_picture_may_have_are_split_not_lost() -> None:
    rows = [cells("a", pdq(f"v{number}")) for number in range(MAX_HASHES + 5)]
    entries = read(as_csv(rows))
    assert [len(e.fingerprint.hashes) for e in entries if isinstance(e, Report)] == [MAX_HASHES, 5]
    assert bad(entries) == []


def test_of_two_rows_for_one_view_the_later_counts() -> None:
    early, late = pdq(), pdq()
    assert holds(read(as_csv([cells("a", early), cells("a", late)]))[0], late)


# JSON lines


@given(st.lists(st.tuples(st.text("abcä-/ ", min_size=1, max_size=9), fingerprints), max_size=4))
@patient
def test_json_lines_come_back_as_they_were(items: list[tuple[str, Fingerprint]]) -> None:
    lines = [
        json.dumps({"content_id": name, "hashes": [h.as_json() for h in it.hashes]})
        for name, it in items
    ]
    entries = read("\n".join(lines).encode())
    assert good(entries) == [name for name, _ in items]
    assert all(holds(entry, *it.hashes) for entry, (_, it) in zip(entries, items, strict=True))


@given(st.lists(hash_items(), min_size=1, max_size=5))
@patient
def test_flat_json_lines_say_the_same_as_csv(items: list[HashItem]) -> None:
    rows = [cells(f"content {number % 2}", item) for number, item in enumerate(items)]
    flat = "\r\n".join(map(json.dumps, rows)).encode()
    assert (read(flat) == read(as_csv(rows))) is True
    assert good(read(BOM + flat)) == good(read(flat))


def test_a_content_id_may_be_any_text_that_json_can_spell() -> None:
    for name in ("\ud800", "\0", "a\nb", "\x1b[2J", "전체", " "):
        entries = read(json.dumps({"content_id": name, "hashes": []}).encode())
        assert good(entries) == [name]


def test_the_output_of_hash_is_read_and_named_by_the_files_digest() -> None:
    digest = sha256()
    lines = [
        fingerprint_line("a.jpg", Fingerprint((pdq(), digest), 97)),
        fingerprint_line("broken.jpg", UnreadableFile(FileProblem.DAMAGED)),
        fingerprint_line("dark.jpg", Fingerprint((sha256(),), 3)),
        fingerprint_line("b.jpg", Fingerprint((pdq(),), 97)),
        fingerprint_line("c.jpg", Fingerprint((pdq(), sha256()), 97)),
    ]
    entries = read("\n".join(map(json.dumps, lines)).encode())
    assert len(good(entries)) == 2
    assert (good(entries)[0] == digest.hash) is True
    assert bad(entries) == [2, 3, 4]
    told = [str(entry.error) for entry in entries if isinstance(entry, BadLine)]
    assert "damaged" in told[0]
    assert "too dark" in told[1]
    assert "SHA-256" in told[2]
    first = next(entry for entry in entries if isinstance(entry, BadLine))
    assert first.error.code == "not_hashed"


def test_the_output_of_hash_is_named_by_the_file_where_that_is_asked_for() -> None:
    lines = [
        fingerprint_line("a.jpg", Fingerprint((pdq(), sha256()), 97)),
        fingerprint_line("b.jpg", Fingerprint((pdq(),), 97)),
        fingerprint_line("broken.jpg", UnreadableFile(FileProblem.DAMAGED)),
    ]
    entries = read("\n".join(map(json.dumps, lines)).encode(), "name")
    assert good(entries) == ["a.jpg", "b.jpg"]
    assert [e.content_id for e in entries if isinstance(e, BadLine)] == ["broken.jpg"]


@pytest.mark.parametrize(
    "line",
    [
        b"rubbish",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b'{"content_id": "a"}',
        b'{"content_id": "a", "hashes": null}',
        b'{"content_id": "a", "hashes": {}}',
        b'{"content_id": "a", "hashes": ["%(hash)s"]}',
        (
            b'{"content_id": "a", "hashes": [{"algorithm": "pdq", "view": "whole", '
            b'"hash": "%(hash)s0", "quality": 1}]}'
        ),
        (
            b'{"content_id": "a", "hashes": [{"algorithm": "pdq", "view": "whole", '
            b'"hash": "%(hash)s", "quality": 1, "%(hash)s": 1}]}'
        ),
        b'{"content_id": 7, "hashes": []}',
        b'{"content_id": "", "hashes": []}',
        b'{"content_id": "a", "content_id": "a", "hashes": []}',
        b'{"content_id": "\xff", "hashes": []}',
        b'{"content_id": "' + b"a" * (MAX_CONTENT_ID + 1) + b'", "hashes": []}',
        (
            b'{"content_id": "a", "algorithm": "pdq", "view": "whole", "hash": "%(hash)s", '
            b'"quality": NaN}'
        ),
        b'{"content_id": "a", "algorithm": "pdq", "view": "%(hash)s", "hash": "%(hash)s"}',
        b'{"content_id": "a", "hashes": [], "x": NaN}',
        b'{"file": "a.jpg"}',
        b'{"file": "a.jpg", "media": "image", "recipe": "%(hash)s", "hashes": [], "quality": 1}',
        b'{"file": 1, "media": "image"}',
        b"[" * 20_000,
        b'{"content_id": "a", "hashes": [], "x": "' + b"x" * MAX_LINE + b'"}',
    ],
    ids=lambda line: repr(line[:60]),
)
def test_a_bad_json_line_is_named_by_its_number_and_the_others_are_taken(line: bytes) -> None:
    secret = secrets.token_hex(32)
    lines = [json.dumps(cells(name, pdq())).encode() for name in ("first", "last")]
    between = line.replace(b"%(hash)s", secret.encode())
    for way in ("sha256", "name"):
        entries = read(b"\n".join([lines[0], between, lines[1]]), "name" if way == "name" else way)
        assert good(entries) == ["first", "last"]
        assert bad(entries) == [2]
        assert not any(echoes(e.error, secret) for e in entries if isinstance(e, BadLine))


def test_rubbish_in_front_costs_only_its_own_lines() -> None:
    header, row = as_csv([cells("b", pdq())]).splitlines(keepends=True)
    flat = json.dumps(cells("a", pdq())).encode() + b"\n"
    for rest in (flat, header + row):
        entries = read(b"rubbish\n\xff\xfe\x00\n" + rest + b"more rubbish\n")
        assert len(good(entries)) == 1
        assert bad(entries)[:2] == [1, 2]
        assert len(bad(entries)) == 3


def test_without_a_header_a_few_lines_are_named_and_no_more() -> None:
    assert bad(read(b"rubbish\n" * 10_000)) == list(range(1, MOST_LINES_WITHOUT_SHAPE + 1))


def test_what_a_device_says_of_a_file_is_cut_to_a_sentence() -> None:
    error = {"code": "damaged", "message": "x" * 5000}
    line = {"file": "a.jpg", "hashes": [], "error": error}
    (entry,) = read(json.dumps(line).encode())
    assert isinstance(entry, BadLine)
    assert str(entry.error).count("x") == MAX_TOLD


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \r\n"])
def test_an_empty_report_holds_nothing(content: bytes) -> None:
    assert read(content) == []


def test_a_report_is_read_line_by_line_and_not_whole() -> None:
    taken = 0

    def endless() -> Iterable[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield json.dumps(cells(f"content {taken}", pdq())).encode()

    entries = read_reports(endless())
    for _ in range(5):
        assert isinstance(next(iter(entries)), Report)
    assert taken <= 7


@given(
    st.lists(
        st.binary(max_size=60)
        | json_values.map(lambda value: json.dumps(value).encode())
        | st.sampled_from([b",".join(c.encode() for c in COLUMNS), b"a,pdq,whole,,", b'{"', b'"'])
        | st.text(max_size=30).map(lambda text: b'{"content_id": "' + text.encode() + b'"'),
        max_size=6,
    ),
    st.sampled_from(["sha256", "name"]),
)
@settings(patient, max_examples=200)
def test_rubbish_of_any_kind_is_named_and_never_raises(
    lines: list[bytes], content_id_from: ContentIdFrom
) -> None:
    entries = read(b"\n".join(lines), content_id_from)
    numbers = bad(entries)
    assert numbers == sorted(set(numbers))
    assert all(str(entry.error) for entry in entries if isinstance(entry, BadLine))
    assert good(entries) == []


@given(st.lists(st.sampled_from(["good", "bad", "blank"]), max_size=12))
@patient
def test_good_and_bad_lines_in_any_order_keep_their_numbers(kinds: list[str]) -> None:
    lines = {"bad": "{ rubbish", "blank": "  "}
    content = [
        lines.get(kind) or json.dumps(cells(f"c{number}", pdq()))
        for number, kind in enumerate(kinds, 1)
    ]
    entries = read("\n".join(content).encode())
    assert good(entries) == [f"c{n}" for n, kind in enumerate(kinds, 1) if kind == "good"]
    assert bad(entries) == [n for n, kind in enumerate(kinds, 1) if kind == "bad"]


def test_a_report_knows_the_last_line_that_speaks_of_it() -> None:
    a, more, b, c = pdq(), pdq("mirror"), pdq(), pdq("turned")
    rows = as_csv([cells("a", a), cells("a", more), cells("b", b), cells("c", c)]).splitlines()
    content = b"\n".join([rows[0], b"", *rows[1:3], b"rubbish", *rows[3:], b""])
    assert [(type(it), it.line) for it in read(content)] == [
        (Report, 4),
        (BadLine, 5),
        (Report, 6),
        (Report, 7),
    ]
    lines = [json.dumps({"content_id": "x", "hashes": [it.as_json()]}) for it in (a, b)]
    assert [it.line for it in read("\n\n".join(lines).encode())] == [1, 3]
    hashed = {"file": "x.jpg", "error": None} | Fingerprint((sha256(),), 90).as_json()
    assert [it.line for it in read(b"\n" + json.dumps(hashed).encode())] == [2]
