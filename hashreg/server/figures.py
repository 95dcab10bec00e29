"""The public statistics: a page without scripts, JSON and CSV, made anew every 15 minutes."""

import html
from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from hashreg.model.messages import N_, tr, use_language
from hashreg.server.call import Call, language_of
from hashreg.server.endpoints import Answer
from hashreg.server.written import HEADERS
from hashreg.takedown.figures import MASKED_BELOW, PlatformFigures, as_csv

Public = Callable[[], Sequence[PlatformFigures]]
_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
_BAR = 200
"""Pixels of a bar that stands for all."""
COLUMN_WORDS = {
    "platform": N_("Platform"),
    "ordered": N_("Orders"),
    "removed": N_("Removed"),
    "removal_rate": N_("Share removed"),
    "median_hours": N_("Median hours to removal"),
    "late": N_("Removed late"),
    "overdue": N_("Overdue"),
    "reappeared": N_("Came back"),
    "revoked": N_("Withdrawals told"),
    "revocations_acknowledged": N_("Withdrawals confirmed"),
}
_STYLE = """
body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } caption { text-align: start }
th, td { border-bottom: 1px solid #767676; padding: .4rem; text-align: end }
th:first-child, td:first-child { text-align: start }
svg { display: block } rect.all { fill: #d9d9d9 } rect.part { fill: #1a5fb4 }
"""


async def told(call: Call) -> Answer:
    """Return the public figures."""
    shown = [it.as_json() for it in call.desk.figures]
    return {"platforms": shown, "masked_below": MASKED_BELOW}


def figure_routes(public: Public) -> list[HTTPRouteHandler]:
    """Return what answers with the page and the CSV."""

    async def page(request: Request[Any, Any, Any]) -> Response[bytes]:
        language = language_of(request)
        use_language(language)
        content = _page(public(), language).encode()
        headers = HEADERS | _POLICY | {"vary": "accept-language"}
        return Response(content, media_type="text/html", headers=headers)

    async def table() -> Response[bytes]:
        headers = HEADERS | {"content-disposition": 'attachment; filename="takedowns.csv"'}
        content = as_csv(public()).encode()
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return [
        HTTPRouteHandler("/statistics", http_method="GET")(page),
        HTTPRouteHandler("/statistics.csv", http_method="GET")(table),
    ]


def _page(its: Sequence[PlatformFigures], language: str) -> str:
    title = tr("What platforms do about their orders")
    head = "".join(f'<th scope="col">{_text(tr(words))}</th>' for words in COLUMN_WORDS.values())
    rows = "".join(f"<tr>{_row(it)}</tr>" for it in its)
    if not its:
        words = tr("No platform has had an order yet.")
        rows = f'<tr><td colspan="{len(COLUMN_WORDS)}">{_text(words)}</td></tr>'
    note = tr(
        "A dash stands for a count below {least}, or one that would tell such a count, and where "
        "there is nothing to say. An order that was called off in time, before anything was "
        "removed, is not counted. Removed is what the platform says, and what later checks have "
        "not refuted. Counted anew every 15 minutes.",
        least=MASKED_BELOW,
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{_text(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{_text(title)}</h1>"
        f"<table><caption>{_text(note)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></main></body></html>"
    )


def _row(it: PlatformFigures) -> str:
    cells = [f'<th scope="row">{_text(it.platform)}</th>']
    for name in list(COLUMN_WORDS)[1:]:
        value = getattr(it, name)
        if name == "removal_rate" and value is not None:
            cells.append(f"<td>{value:.0%}{_bar(value)}</td>")
        else:
            cells.append(f"<td>{'–' if value is None else value}</td>")
    return "".join(cells)


def _bar(share: float) -> str:
    """Return a bar from nothing to all, so that lengths can be compared as they are."""
    return (
        f'<svg width="{_BAR}" height="10" aria-hidden="true">'
        f'<rect class="all" width="{_BAR}" height="10"/>'
        f'<rect class="part" width="{_BAR * share:.0f}" height="10"/></svg>'
    )


def _text(words: str) -> str:
    return html.escape(words)
