"""What a device asks a server for, call by call.

All of them raise ServerUnavailable, ServerRefused or BadAnswer.
"""

from collections.abc import Sequence

from hashreg.client import answers, items, standing
from hashreg.client.answers import EntryJson, IntakeJson, ReportedJson
from hashreg.client.http import Server
from hashreg.client.keys import signed_question
from hashreg.client.paging import all_pages
from hashreg.client.standing import StatusJson
from hashreg.client.told import bad_answer
from hashreg.model.cases import CaseNumber, RecoveryCode
from hashreg.model.matches import Ticket
from hashreg.model.messages import N_
from hashreg.model.reports import Report
from hashreg.model.submissions import Document
from hashreg.model.verdicts import Decision


def submit(server: Server, document: Document) -> IntakeJson:
    """Hand a signed document over and return what became of it; twice does no harm."""
    answer = server.post("/v1/submissions", document.to_bytes())
    return answers.taken_in(answer, document.case)


def case_status(server: Server, case: CaseNumber, code: RecoveryCode) -> StatusJson:
    """Return where a case stands. The recovery code stays here: it signs a server's challenge."""
    nonce = answers.nonce(server.post("/v1/challenge", {}))
    public_key, signature = signed_question(case, code, nonce)
    question = {"case": case, "nonce": nonce, "public_key": public_key, "signature": signature}
    return standing.case_status(server.post("/v1/status", question), case)


def may_report(server: Server) -> None:
    """Find out whether the server is there and the key may report."""
    server.post("/v1/reports", items.call([], align=False))


def report(server: Server, reports: Sequence[Report], keep_days: int) -> list[ReportedJson]:
    """Report content with a platform's key and return what is found, item by item.

    Nobody can look at what a platform sends as hashes, so tokens alone propose at most a review.
    """
    told: list[ReportedJson] = []
    for some in items.calls(items.item(it.content_id, it.fingerprint) for it in reports):
        names = [it.content_id for it in reports[len(told) : len(told) + len(some)]]
        body = items.call(some, align=False, keep_days=keep_days)
        told += answers.reported(server.post("/v1/reports", body), names)
    return told


def queue(server: Server, *, everything: bool) -> list[EntryJson]:
    """Return the matches that wait for a person (or all), surest first, with a moderator's key."""
    state = {"state": "all" if everything else "open"}
    return all_pages(server, "/v1/queue", state, answers.entries, lambda it: it["ticket"])


def show(server: Server, ticket: Ticket) -> EntryJson:
    """Return one match, with a moderator's key."""
    return answers.entry(server.get(f"/v1/queue/{ticket}"), ticket)


def decide(server: Server, ticket: Ticket, decision: Decision) -> EntryJson:
    """Write down what the moderator whose key it is decided, and return the match."""
    reason = decision.reason.value if decision.reason else None
    verdict = {"verdict": decision.verdict.value, "reason": reason}
    decided = answers.entry(server.post(f"/v1/tickets/{ticket}/verdict", verdict), ticket)
    if not decided["verdicts"]:
        raise bad_answer(N_("it does not say who decided"))
    return decided
