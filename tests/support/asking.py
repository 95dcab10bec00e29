"""What the tests of the workflow ask a registry."""

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Ticket
from hashreg.model.reports import ContentId, Report
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
from hashreg.takedown.report import ReportResult, report
from hashreg.takedown.store import Store
from support.cases import NOW


def item(name: str, fingerprint: Fingerprint) -> Report:
    return Report(ContentId(name), fingerprint)


def reported(
    store: Store, index: RegistryIndex, name: str, fingerprint: Fingerprint, by: str = "examplegram"
) -> ReportResult:
    """Report one content item."""
    (result,) = report(store, index, by, [item(name, fingerprint)], NOW)
    return result


def ticket_of(result: ReportResult) -> Ticket:
    """Return the only ticket of a result."""
    (match,) = result.matches
    assert match.ticket is not None
    return match.ticket


def is_found(store: Store, fingerprint: Fingerprint) -> bool:
    """Tell whether a registry, freshly loaded, finds this."""
    return bool(look_up(store, RegistryIndex(), [fingerprint])[0])
