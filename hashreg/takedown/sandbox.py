"""A registry for platforms that try things out, with pictures that everybody may know.

Its hashes are SHA-256 of words, so that anybody can make them: PDQ of ``hashreg sandbox 1`` and so
on. Nothing that happens here is a report of anything.
"""

import dataclasses
import datetime as dt
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hashreg.model.cases import new_case_number
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.people import Role
from hashreg.model.records import PlatformName
from hashreg.model.reports import ContentId, Report
from hashreg.model.submissions import Document, Kind, PublicKeyHex, SignatureHex
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.report import report
from hashreg.takedown.store import Store
from hashreg.takedown.tickets import decide_as_platform

WORDS = ("hashreg sandbox 1", "hashreg sandbox 2", "hashreg sandbox 3")
QUALITY = 100
HOUSE = PlatformName("hashreg sandbox")
BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)


def picture(words: str) -> Fingerprint:
    """Return the fingerprint that stands for a picture: one PDQ hash made of words."""
    made = hashlib.sha256(words.encode()).hexdigest()
    return Fingerprint((HashItem(Algorithm.PDQ, "whole", made, QUALITY),), QUALITY)


def fill(store: Store, now: dt.datetime) -> None:
    """Register the sandbox's pictures, a case each."""
    for words in WORDS:
        key = Ed25519PrivateKey.generate()
        public = PublicKeyHex(key.public_key().public_bytes_raw().hex())
        items = (picture(words),)
        made = Document(Kind.SUBMISSION, new_case_number(), public, now.date(), items)
        signature = SignatureHex(key.sign(made.signed_bytes()).hex())
        take_in(store, dataclasses.replace(made, signature=signature), now)
    _confirm(store, now)


def _confirm(store: Store, now: dt.datetime) -> None:
    """Confirm a hit of each, so that none is ever held because of all the tests that find it."""
    index = RegistryIndex()
    enter(store, HOUSE, now)
    reports = [Report(ContentId(words), picture(words)) for words in WORDS]
    for result in report(store, index, HOUSE, reports, now):
        for match in result.matches:
            if match.ticket:
                decide_as_platform(store, match.ticket, BLOCKED, HOUSE, now)


def enter(store: Store, platform: str, now: dt.datetime) -> None:
    """Make a platform known here, under its own name; twice does no harm."""
    with store.write():
        if store.people.find(Role.PLATFORM, PlatformName(platform)) is None:
            add_person(store, Role.PLATFORM, platform, now)
