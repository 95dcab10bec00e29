"""Examples of bodies for the OpenAPI document; the hash in them is of the sandbox."""

from hashreg.takedown.sandbox import WORDS, picture

_HASH = picture(WORDS[0]).hashes[0].as_json()
_TICKET = "0f" * 16
_TIME = "2026-11-23T08:00:00+00:00"
_CASE = "EXAM-P1E0-000Y"
_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
"""The public key of RFC 8032's first example, and its signature, which fits nothing here."""
_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
    "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
_ITEMS = {"items": [{"content_id": "photo-1", "hashes": [_HASH]}]}

EXAMPLES: dict[tuple[str, bool], object] = {
    ("/v1/submissions", False): {
        "format": "hashreg",
        "version": 1,
        "kind": "submission",
        "case": _CASE,
        "public_key": _KEY,
        "created": "2026-11-23",
        "items": [picture(WORDS[0]).as_json()],
        "signature": _SIGNATURE,
    },
    ("/v1/status", False): {
        "case": _CASE,
        "nonce": f"1234-{_TICKET}",
        "public_key": _KEY,
        "signature": _SIGNATURE,
    },
    ("/v1/lookup", False): {**_ITEMS, "tier": "match"},
    ("/v1/lookup", True): {
        "results": [
            {"content_id": "photo-1", "tier": "match", "tickets": [], "align": [], "error": None}
        ]
    },
    ("/hma/m/lookup", False): {"signal_type": "pdq", "signal": _HASH["hash"]},
    ("/hma/m/lookup", True): {"HASHREG_MATCH": [{"bank_content_id": 0, "distance": "31"}]},
    ("/stopncii/SubmitFeedback", False): {
        "count": 1,
        "hashFeedbacks": [{"hashValue": _HASH["hash"], "feedbackValue": "Blocked", "tags": []}],
    },
    ("/v1/reports", False): {**_ITEMS, "keep_days": 90},
    ("/v1/reports", True): {
        "results": [
            {
                "content_id": "photo-1",
                "tier": "match",
                "tickets": [_TICKET],
                "align": [],
                "error": None,
            }
        ]
    },
    ("/v1/align", False): {"items": [{"handle": "a-handle-of-an-answer", "hashes": [_HASH]}]},
    ("/v1/check", False): _ITEMS,
    ("/v1/tickets/{ticket:str}/verdict", False): {
        "verdict": "blocked",
        "reason": "non_consensual",
    },
    ("/v1/tickets/{ticket:str}/removal", False): {"removed_at": _TIME},
    ("/v1/orders/{order:str}/acknowledge", False): {},
    ("/v1/orders/{order:str}/recheck", False): {"present": False},
    ("/v1/orders/{order:str}/deliver", False): {},
    ("/v1/held/{picture:str}", False): {"decision": "admit"},
    ("/v1/people/{role:str}", False): {"name": "examplegram", "scopes": ["lookup"], "days": 365},
    ("/v1/people/{role:str}/{name:str}/keys", False): {"days": 365},
    ("/v1/people/{role:str}/{name:str}/revoke", False): {},
    ("/v1/delegated/status", False): {"case": _CASE},
    ("/v1/delegated/pictures", False): {"case": _CASE, "items": [picture(WORDS[0]).as_json()]},
    ("/v1/delegated/withdrawal", False): {"case": _CASE},
}
"""By path, and whether it is the answer."""
