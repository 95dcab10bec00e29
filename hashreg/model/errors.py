"""Every error that hashreg raises on purpose, and the words it says to a person.

HashregError
├── InvalidInput            something that was sent or typed is malformed (names the field)
│   ├── InvalidHash         a hash, view or quality
│   ├── InvalidCode         a case number or recovery code
│   ├── InvalidDocument     a submission file
│   └── InvalidReport       a line of a platform's report
├── UnreadableFile          a file that can't be hashed
├── NotFound                a case, ticket, platform or moderator that is not there
├── Refused                 understood, but against the rules (states, signatures, conflicts)
├── RegistryUnavailable     the registry itself can't be opened or written
├── Unauthorized            asked of the service without a key that is good
├── Forbidden               asked with a key that is good for something else
├── TooLarge                a body or line longer than is read
├── TooSlow                 a body that did not arrive in time
├── UnsupportedMedia        a body in a format that is not read
├── TooManyRequests         more in a while than one may ask
├── ServerUnavailable       a server can't be reached, or can't answer now
├── ServerRefused           a server's own error, in the server's words and with its code
├── BadAnswer               what a server answered is nothing that hashreg says
├── MissingExtra            an optional part of hashreg is not installed
└── UnusableIndex           a saved index that is damaged or another one's; it can be made anew

A text says what happened, the likely cause and the next step. It never holds a hash,
a recovery code or a file's content. ``str(error)`` is in the context's language.
"""

from enum import StrEnum

from hashreg.model.messages import N_, tr


class HashregError(Exception):
    """Root of all of hashreg's errors.

    ``text`` is a catalogue sentence with ``{names}``, filled from ``values``; ``field`` names
    the input that is at fault, where there is one.
    """

    code = "error"

    def __init__(self, text: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return tr(self.text, **self.values)

    def as_json(self) -> dict[str, str]:
        """Return ``{"code": …, "message": …}``, the message in the context's language."""
        return {"code": self.code, "message": str(self)}


class InvalidInput(HashregError):
    """Something that was sent or typed is malformed."""

    code = "invalid_input"


class InvalidHash(InvalidInput):
    """A hash, view or quality is malformed."""

    code = "invalid_hash"


class InvalidCode(InvalidInput):
    """A case number or recovery code is mistyped."""

    code = "invalid_code"


class InvalidDocument(InvalidInput):
    """A submission file is damaged, edited or of a newer version."""

    code = "invalid_document"


class InvalidReport(InvalidInput):
    """A line of a platform's report is malformed."""

    code = "invalid_report"


class NotFound(HashregError):
    """A case, ticket, platform or moderator is not in this registry."""

    code = "not_found"


class Refused(HashregError):
    """The request was understood and is against the rules."""

    code = "refused"


class RegistryUnavailable(HashregError):
    """The registry can't be opened or written."""

    code = "registry_unavailable"


class ServerUnavailable(HashregError):
    """A server can't be reached, or can't answer now."""

    code = "server_unavailable"


class ServerRefused(HashregError):
    """A server's own error: ``code``, ``field`` and ``values["message"]`` are as it told them."""

    code = "server_refused"


class BadAnswer(HashregError):
    """What a server answered is nothing that hashreg says."""

    code = "bad_answer"


class MissingExtra(HashregError):
    """An optional part of hashreg is not installed."""

    code = "missing_extra"


class Unauthorized(HashregError):
    """The service was asked without a key, or with one that it doesn't know (any more)."""

    code = "unauthorized"


class Forbidden(HashregError):
    """The key is good, but not for this."""

    code = "forbidden"


class TooLarge(HashregError):
    """A body or a line is longer than is read."""

    code = "too_large"


class TooSlow(HashregError):
    """A body did not arrive in time, or was cut off."""

    code = "too_slow"


class UnsupportedMedia(HashregError):
    """A body has a format that is not read here."""

    code = "unsupported_media_type"


class TooManyRequests(HashregError):
    """More was asked in a while than one may; ``seconds`` says when to go on."""

    code = "too_many_requests"


class UnusableIndex(HashregError):
    """A saved index can't be used: it is not there, damaged, or another registry's.

    Nothing is lost: it is made anew from the registry.
    """

    code = "unusable_index"


class FileProblem(StrEnum):
    """Why a file can't be hashed; the value is the ``code`` in JSON."""

    MISSING = "missing"
    NOT_A_FILE = "not_a_file"
    NO_PERMISSION = "no_permission"
    EMPTY = "empty"
    FILE_TOO_LARGE = "file_too_large"
    NOT_A_PICTURE = "not_a_picture"
    NEEDS_HEIF = "needs_heif"
    IS_VIDEO = "is_video"
    DAMAGED = "damaged"
    UNUSUAL_PIXELS = "unusual_pixels"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_PLAIN = "too_plain"
    TOO_COSTLY = "too_costly"
    CRASHED = "crashed"


FILE_PROBLEM_TEXTS = {
    FileProblem.MISSING: N_("There is no such file. It may have been moved, renamed or deleted."),
    FileProblem.NOT_A_FILE: N_(
        "This is not an ordinary file (it may be a device or a pipe), so it was left alone."
    ),
    FileProblem.NO_PERMISSION: N_(
        "This file may not be read. Check its permissions, or copy it to a folder of your own."
    ),
    FileProblem.EMPTY: N_(
        "This file is empty. The copy or download was probably cut off; fetch it again."
    ),
    FileProblem.FILE_TOO_LARGE: N_(
        "This file is larger than {limit} MB, the most that is opened as a picture."
    ),
    FileProblem.NOT_A_PICTURE: N_(
        "This is not a picture that hashreg can open. It opens JPEG, PNG, WebP, GIF, TIFF, BMP, "
        "AVIF and HEIC; save the picture as one of these and try again."
    ),
    FileProblem.NEEDS_HEIF: N_(
        "This is an HEIC picture, as iPhones make them, and the part that opens them is not "
        "installed. Install it with: pip install pillow-heif"
    ),
    FileProblem.IS_VIDEO: N_(
        "This is a video. Videos can't be hashed yet; a still picture of it (a screenshot) can."
    ),
    FileProblem.DAMAGED: N_(
        "This picture is damaged or cut off and can't be opened. Fetch it again from where it "
        "came from, or use another copy."
    ),
    FileProblem.UNUSUAL_PIXELS: N_(
        "This picture stores its pixels in an unusual way ({mode}). Save it as JPEG or PNG and "
        "try again."
    ),
    FileProblem.TOO_MANY_PIXELS: N_(
        "This picture has more than {limit} million pixels, the most that is opened. Save a "
        "smaller copy and use that."
    ),
    FileProblem.TOO_PLAIN: N_(
        "This picture is too dark, too blank or too plain to be told from others (quality "
        "{quality} of 100; {least} is needed), so it can't be compared. A brighter or less cropped "
        "copy may work."
    ),
    FileProblem.TOO_COSTLY: N_(
        "Opening this picture takes more memory or time than is allowed. It may be damaged, or "
        "built to do harm. Save a smaller copy from a picture viewer you trust."
    ),
    FileProblem.CRASHED: N_(
        "The program that opens pictures broke off at this file. It may be damaged, or built to "
        "do harm. All other files go on."
    ),
}


class UnreadableFile(HashregError):
    """A file that can't be hashed: the one error for everything that can't be opened."""

    def __init__(self, problem: FileProblem, **values: object) -> None:
        super().__init__(FILE_PROBLEM_TEXTS[problem], field="file", **values)
        self.problem = problem
        self.code = problem.value

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_unreadable, (self.problem, self.values)


def _rebuild_unreadable(problem: FileProblem, values: dict[str, object]) -> UnreadableFile:
    return UnreadableFile(problem, **values)
