"""Entries of NCMEC's hash sharing, version 2 (facts, interop B): XML in, hashes of ours out."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.fingerprints import Media
from hashreg.model.hashes import Algorithm
from hashreg.model.messages import N_

_KINDS: Mapping[str, tuple[Media, bool]] = {
    "image": ("image", False),
    "video": ("video", False),
    "deletedImage": ("image", True),
    "deletedVideo": ("video", True),
}
_OURS = frozenset({Algorithm.PDQ.value, Algorithm.MD5.value})
_NOT_WHOLE = N_(
    "The XML ends too soon, or is damaged from here on. What comes before was read. Fetch it again."
)
_DECLARES = N_(
    "This XML declares entities or a document type, which no feed needs and which could make it "
    "grow without end. Nothing of it was read."
)
_DECLARATIONS = b"<!DOCTYPE", b"<!ENTITY"


@dataclass(frozen=True, slots=True)
class Told:
    """One entry: ``name`` is unique at the source; ``hashes`` by algorithm, those of ours."""

    name: str
    media: Media
    gone: bool
    hashes: Mapping[str, str] = field(repr=False)


def entries(content: bytes) -> Iterator[tuple[str, Told | HashregError]]:
    """Yield the entries, each with its place; the last is the error where it is not whole."""
    # the parser takes other encodings, in which a declaration could hide
    if b"\0" in content or any(it in content for it in _DECLARATIONS):
        yield "entry 1", InvalidInput(_DECLARES)
        return
    number, within, above = 0, 0, list[ET.Element]()
    try:
        for event, element in ET.iterparse(io.BytesIO(content), ("start", "end")):  # noqa: S314
            is_entry = (kind := _name(element)) in _KINDS
            if event == "start":
                above.append(element)
                within += is_entry
                continue
            above.pop()
            within -= is_entry
            if is_entry and not within:
                number += 1
                yield f"entry {number}", _told(element, kind)
            if above and not within:  # what is read is let go
                above[-1].remove(element)
    except (ET.ParseError, ValueError, LookupError):
        yield f"entry {number + 1}", InvalidInput(_NOT_WHOLE)


def _told(element: ET.Element, kind: str) -> Told | HashregError:
    media, gone = _KINDS[kind]
    values = {_name(it): (it.text or "").strip() for it in element}
    fingerprints = next((it for it in element if _name(it) == "fingerprints"), ())
    hashes = {
        name: (it.text or "").strip().lower()
        for it in fingerprints
        if (name := _name(it).lower()) in _OURS and (it.text or "").strip()
    }
    if not values.get("id"):
        return InvalidInput(N_("This entry has no id."), field="id")
    member = next((it.get("id", "") for it in element if _name(it) == "member"), "")
    return Told(f"{member}/{media}/{values['id']}", media, gone, hashes)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
