"""The service beside its peer: look-ups over HTTP, one process on one core each.

``python benchmarks/service.py [--hashes 1000000] [--rounds 5] [--folder DIR] [--json FILE]``

A registry of random whole-picture PDQ hashes, one a picture, is served by `hashreg serve`, and
python-threatexchange's PDQ index of the same hashes by a small Litestar application
(``service_peer.py``). Both listen in this machine on one core and are asked from another one, in
turns, the same bytes. Half of what is asked lies near a registered hash, half near none, and every
answer is verified. Asked are

- ``batches``: whole pictures at tier ``match``, 1,000 at once over two connections;
- ``single``: the same one by one over eight connections that are never idle;
- ``steady``: one by one, 1,500 a second whatever the service does; its peer can't do so many;
- ``uploads``, ``upload``: all asked views of a picture at tier ``review``, 10 at once over two
  connections, and one by one over eight. The peer is asked at the same radius.

The peer asks for no key and limits nothing, and it compares a hash as it is, where the service
turns a bare one to all orientations. Figures are medians over rounds, ratios those of figures of
one round: the least, the median, the most.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from service_load import Load, Question, closed, steady
from service_process import OWN_CORE, SERVERS_CORE, Server, pin, running
from service_questions import Asker, asked_views
from service_registry import Place, prepare

BATCHES, BATCH = 40, 1000
SINGLES, RATE, STEADY_SECONDS = 4000, 1500, 4
UPLOADS, UPLOAD_BATCHES = 10, 40
CONNECTIONS, BATCH_CONNECTIONS = 8, 2
SECONDS = 4
"""In which new questions are asked; those that were begun are answered."""
PEER = Path(__file__).with_name("service_peer.py")
Figures = dict[str, dict[str, float]]


class Way(NamedTuple):
    """One way to ask: its questions, made anew for each round, and how they are asked."""

    questions: Callable[[], list[Question]]
    load: Callable[[Server, list[Question]], Load]
    whom: tuple[str, ...] = ("ours", "peer")


def ways(asker: Asker) -> dict[str, Way]:
    """Return all ways to ask."""
    views = asked_views()

    def one_by_one(server: Server, asked: list[Question]) -> Load:
        return closed(server, asked, CONNECTIONS, SECONDS)

    def at_once(server: Server, asked: list[Question]) -> Load:
        return closed(server, asked, BATCH_CONNECTIONS, SECONDS)

    def whole() -> list[Question]:
        return asker.questions(SINGLES, 1, "match")

    return {
        "batches": Way(lambda: asker.questions(BATCHES, BATCH, "match"), at_once),
        "single": Way(whole, one_by_one),
        "steady": Way(
            lambda: asker.questions(RATE * STEADY_SECONDS, 1, "match"),
            lambda server, asked: steady(server, asked, RATE),
            ("ours",),
        ),
        "uploads": Way(lambda: asker.questions(UPLOAD_BATCHES, UPLOADS, "review", views), at_once),
        "upload": Way(
            lambda: asker.questions(UPLOADS * UPLOAD_BATCHES, 1, "review", views), one_by_one
        ),
    }


@contextmanager
def served(place: Place) -> Iterator[tuple[dict[str, Server], dict[str, object]]]:
    """Serve the registry and its peer; yield them, and what starting them took."""
    command = ["-m", "hashreg.cli", "serve", "--port", "0", "--json", "--registry"]
    arguments, log = [*command, str(place.registry)], place.folder / "service.log"
    costs: dict[str, object] = {}
    if not place.index.exists():
        with running(arguments, log) as first:
            costs["first_start_s"] = round(first.started, 1)
    with (
        running(arguments, log) as ours,
        running([str(PEER), str(place.codes)], place.folder / "peer.log") as peer,
    ):
        costs |= {"start_s": round(ours.started, 1), "peer_start_s": round(peer.started, 1)}
        yield {"ours": ours, "peer": peer}, costs


def measured(place: Place, rounds: int, random: np.random.Generator) -> dict[str, object]:
    """Return every figure."""
    asker = Asker(np.load(place.codes), place.key.read_text(encoding="ascii"), random)
    with served(place) as (servers, result):
        for name, way in ways(asker).items():
            taken = [turn(way, servers) for _ in range(rounds + 1)][1:]  # the first warms
            result[name] = figures(taken)
            print(json.dumps({name: result[name]}), flush=True)
        for who, it in servers.items():
            result[f"{who}_megabytes"] = round(it.megabytes)
            result[f"{who}_cpu_s"] = round(it.cpu_seconds, 1)
    return result


def turn(way: Way, servers: dict[str, Server]) -> Figures:
    """Return what each server made of the same questions."""
    questions = way.questions()
    return {who: way.load(servers[who], questions).as_json() for who in way.whom}


def figures(taken: list[Figures]) -> dict[str, object]:
    """Return medians over rounds, and how many times as fast as its peer the service was."""
    medians: dict[str, object] = {
        who: {
            name: round(statistics.median(it[who][name] for it in taken), 2)
            for name in taken[0][who]
        }
        for who in taken[0]
    }
    if "peer" not in medians:
        return medians
    ratios = sorted(it["ours"]["items_a_second"] / it["peer"]["items_a_second"] for it in taken)
    least, middle, most = ratios[0], statistics.median(ratios), ratios[-1]
    return medians | {"times_peer": [round(it, 2) for it in (least, middle, most)]}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the registry is kept for later runs")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        begun = time.perf_counter()
        place = prepare(options.folder or Path(temporary), options.hashes)
        print(f"registry of {options.hashes}: {time.perf_counter() - begun:.0f} s", flush=True)
        pin(OWN_CORE)
        result = {"hashes": options.hashes, "cores": [SERVERS_CORE, OWN_CORE]}
        result |= measured(place, options.rounds, np.random.default_rng())
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
