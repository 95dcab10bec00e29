"""What it costs to take another's feed in, beside what ``threatexchange`` takes to read it.

``python benchmarks/partner_feed.py [--records 100000] [--rounds 3] [--json FILE]``

A page of StopNCII with one damaged record in a hundred is read, kept, and given once more. The
peer is the client of ``threatexchange`` that reads the same page into its records and keeps
nothing; a record that it can't read it drops.
"""

import argparse
import datetime as dt
import json
import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from threatexchange.exchanges.clients.stopncii import api

from hashreg.exchange.partners import Entry, read_feed
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.partners import take_in_feed

DAMAGED_EVERY = 100


def page(count: int) -> bytes:
    """Return a page whose damaged records have a hash that is cut off."""
    rng = random.Random(1)
    records = [
        {
            "lastModtimestamp": 1_700_000_000,
            "signalType": "ImagePDQ",
            "hashValue": rng.randbytes(32).hex()[: 50 if at % DAMAGED_EVERY == 0 else 64],
            "hashStatus": "Active",
            "caseNumbers": {},
            "CSPFeedbacks": [],
        }
        for at in range(count)
    ]
    last = {"nextPageToken": None, "nextSetTimestamp": 1, "hasMoreRecords": False}
    return json.dumps({"count": count, "hashRecords": records} | last).encode()


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peer_reads(content: bytes) -> None:
    client = api.StopNCIIAPI("any", "any")
    with patch.object(client, "_get", lambda *_, **__: json.loads(content)):
        client.fetch_hashes()


def round_of(content: bytes) -> dict[str, float]:
    """Return the seconds of one round."""
    now = dt.datetime.now(dt.UTC)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.create(Path(folder) / "registry.db")

        def take() -> None:
            good = (it for it in read_feed(content) if isinstance(it, Entry))
            take_in_feed(store, "stopncii", good, now)

        told = {
            "reading": seconds(lambda: list(read_feed(content))),
            "taking in": seconds(take),
            "the same again": seconds(take),
            "peer's reading": seconds(lambda: peer_reads(content)),
        }
        store.close()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable()
    content = page(options.records)
    rounds = [round_of(content) for _ in range(options.rounds)]
    medians = {name: statistics.median(it[name] for it in rounds) for name in rounds[0]}
    for name, value in medians.items():
        print(f"{name}: {value:.2f} s")
    ratio = medians["peer's reading"] / medians["reading"]
    print(f"the peer's reading takes {ratio:.2f} times ours")
    if options.json:
        told = {"records": options.records, "seconds": medians, "ratio": ratio, "rounds": rounds}
        options.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
