"""What a person who has just registered pictures is told, in their language."""

from hashreg.model.cases import CaseNumber, RecoveryCode
from hashreg.model.help_lines import HELP_LINES
from hashreg.model.messages import tr


def receipt(
    case: CaseNumber, code: RecoveryCode, pictures: int, file: str, server: str | None = None
) -> str:
    """Return the receipt: what to keep, what happens next, what is not caught, where help is.

    ``server`` is the address to which the file is handed over right after this is shown.
    """
    return "\n\n".join(
        (
            tr("Your pictures never left this device. Only their hashes are in the file.")
            + " "
            + tr("What happened to you is not your fault."),
            tr("KEEP THESE TWO, on paper or in a password manager:")
            + "\n"
            + tr("  case number    {case}", case=case)
            + "\n"
            + tr("  recovery code  {code}", code=code)
            + "\n"
            + tr(
                "The recovery code is shown only this once. With it you can add pictures or "
                "withdraw. Nobody can recover it for you, and whoever has it can withdraw your "
                "case."
            ),
            tr("WHAT HAPPENS NEXT") + "\n" + _handing_over(pictures, file, server),
            not_caught(),
            help_lines(),
        )
    )


def addition_receipt(case: CaseNumber, pictures: int, file: str, server: str | None = None) -> str:
    """Return what is said after more pictures were added to a case."""
    if server:
        return tr(
            "The file {file} adds pictures to case {case}: {pictures}. It is handed over to "
            "{server} now.",
            file=file,
            pictures=pictures,
            case=case,
            server=server,
        )
    return tr(
        "The file {file} adds pictures to case {case}: {pictures}. Give it to the same help line "
        "or registry.",
        file=file,
        pictures=pictures,
        case=case,
    )


def _handing_over(pictures: int, file: str, server: str | None) -> str:
    if server:
        return tr(
            "The file {file} (pictures: {pictures}) is handed over to the registry at {server} "
            "now; keep it until that is confirmed below. Its hashes are compared there with what "
            "platforms report. A person looks at every match before anything is removed.",
            file=file,
            pictures=pictures,
            server=server,
        )
    return tr(
        "Give the file {file} (pictures: {pictures}) to your help line or registry. They "
        "compare its hashes with what platforms report. A person looks at every match "
        "before anything is removed.",
        file=file,
        pictures=pictures,
    )


def not_caught() -> str:
    """Return what hashes miss, plainly."""
    return (
        tr("WHAT IS NOT CAUGHT")
        + "\n"
        + tr(
            "Copies that were made smaller, recompressed, brightened, framed, mirrored or "
            "turned are found, and so are most that were captioned, cropped, tilted, taken as a "
            "screenshot or put into another picture. Copies that are strongly blurred, stretched, "
            "cropped or mirrored in negative colours, very small inside something else or covered "
            "for the most part are often missed, and so are platforms that don't take part. To "
            "find cropped and tilted copies the file also holds fingerprints of small details, the "
            "tokens; if you left them out with --no-tokens, such copies are mostly missed. If you "
            "find a copy that was missed, save it and add it to your case."
        )
    )


def help_lines() -> str:
    """Return where people find help."""
    lines = (
        ", ".join(filter(None, (tr(it.name), it.phone, it.address))) + f" ({tr(it.where)})"
        for it in HELP_LINES
    )
    return "\n".join((tr("HELP"), *lines))
