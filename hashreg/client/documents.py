"""Making and writing submission files, on the victim's device."""

import dataclasses
import datetime as dt
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from hashreg.client.keys import public_key_hex, signing_key
from hashreg.model.cases import CaseNumber, RecoveryCode
from hashreg.model.errors import Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.messages import N_
from hashreg.model.names import HelperName
from hashreg.model.submissions import NONCE_DIGITS, Document, Kind, PublicKeyHex, SignatureHex


def signed_document(
    kind: Kind,
    case: CaseNumber,
    code: RecoveryCode,
    today: dt.date,
    items: Iterable[Fingerprint] = (),
) -> Document:
    """Return a document of a case, signed with the key that the recovery code gives."""
    return _signed(Document(kind, case, PublicKeyHex(""), today, tuple(items)), code)


def signed_delegation(
    kind: Kind, case: CaseNumber, code: RecoveryCode, today: dt.date, helper: HelperName
) -> Document:
    """Return a signed delegation or revocation, each time another one: its nonce is random."""
    nonce = secrets.token_hex(NONCE_DIGITS // 2)
    return _signed(Document(kind, case, PublicKeyHex(""), today, helper=helper, nonce=nonce), code)


def _signed(document: Document, code: RecoveryCode) -> Document:
    key = signing_key(document.case, code)
    document = dataclasses.replace(document, public_key=public_key_hex(key))
    signature = SignatureHex(key.sign(document.signed_bytes()).hex())
    return dataclasses.replace(document, signature=signature)


def check_writable(path: Path) -> None:
    """Raise Refused where a new file can't be made, before an hour of hashing is lost."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:  # such as a name that is too long
        raise _not_written(path) from error
    else:
        raise _already_there(path)
    folder = path.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise Refused(
            N_("No file can be written in the folder {folder}. Choose another place with -o."),
            folder=folder,
        )


def write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read and that replaces nothing; raises Refused."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise _already_there(path) from None
    except OSError as error:
        raise _not_written(path) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _not_written(path) from error
        raise


def _already_there(path: Path) -> Refused:
    return Refused(
        N_("There is a file named {path} already, and it was not touched. Choose another name."),
        path=path,
    )


def _not_written(path: Path) -> Refused:
    return Refused(
        N_("The file {path} could not be written. Is the disk full? Choose another place."),
        path=path,
    )
