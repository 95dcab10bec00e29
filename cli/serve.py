"""The registry over HTTP, for platforms, moderators and victims."""

import ipaddress
import socket
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from hashreg.cli.common import (
    json_option,
    note,
    now,
    open_registry,
    print_json,
    private_option,
    registry_option,
    say,
    sealing_key,
)
from hashreg.cli.main import EXIT_TROUBLE
from hashreg.cli.page import page_settings_of, settings_option
from hashreg.model.errors import InvalidInput, MissingExtra, RegistryUnavailable
from hashreg.model.messages import N_, tr
from hashreg.page.build import site
from hashreg.page.settings import PageSettings
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.sandbox import fill

MOST_WAITING = 1024


@click.command(
    help=tr(
        "Serve the registry over HTTP. Put a proxy with TLS before it when others than this "
        "machine are to reach it."
    )
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help=tr("The address to listen at.")
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help=tr("The port; 0 takes a free one."),
)
@settings_option
@private_option
@click.option(
    "--signals-in-urls",
    is_flag=True,
    envvar="HASHREG_SIGNALS_IN_URLS",
    help=tr(
        "Look-ups in the shape of Hasher-Matcher-Actioner may carry a hash in their address, which "
        "proxies log. [default: $HASHREG_SIGNALS_IN_URLS]"
    ),
)
@registry_option
@json_option
def serve(
    host: str,
    port: int,
    page_settings: Path | None,
    private_webhooks: bool,
    signals_in_urls: bool,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Listen, say where, and serve until asked to stop."""
    try:
        from hashreg.server.options import Options
        from hashreg.server.run import serve as run
    except ModuleNotFoundError as error:
        raise MissingExtra(NEEDS_SERVER, command="pip install 'hashreg[server]'") from error
    settings = page_settings_of(page_settings)
    with closing(open_registry(registry)) as store:  # what is wrong is said before it listens
        files = site(_for_registry(settings, store))
    with _listening(host, port) as listening, tempfile.TemporaryDirectory() as folder:
        address = _address(listening)
        sandbox = Path(folder) / "sandbox.db"
        made = SqliteStore.create(sandbox)
        fill(made, now())
        made.close()

        def ready() -> None:
            if as_json:
                print_json({"listening": address})
            else:
                say(tr("The registry is served at {address}. Stop with Ctrl-C.", address=address))
                if not ipaddress.ip_address(listening.getsockname()[0]).is_loopback:
                    note(tr(NOT_ENCRYPTED))

        started = run(
            lambda: open_registry(registry),
            lambda: SqliteStore.open(sandbox),
            files,
            listening,
            ready,
            Options(private_webhooks, signals_in_urls),
        )
    return 0 if started else EXIT_TROUBLE


def _for_registry(settings: PageSettings, store: SqliteStore) -> PageSettings:
    """Return the settings with the registry's own key, unless the operator named another."""
    if settings.seal_to is not None:
        return settings
    try:
        return replace(settings, seal_to=sealing_key(store))
    except RegistryUnavailable:  # it has no key yet, and one can't be written now
        return settings


NEEDS_SERVER = N_(
    "Serving needs a part of hashreg that is not installed. Install it with: {command}"
)
NOT_ENCRYPTED = N_(
    "This address can be reached from other machines, and nothing is encrypted on the way: put a "
    "proxy with TLS before it, and let it alone reach this port."
)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises InvalidInput."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(MOST_WAITING)
    except OSError as error:
        raise InvalidInput(
            N_(
                "It is not possible to listen at {host}, port {port}: {reason}. Another program "
                "may use the port; choose another with --port."
            ),
            field="port",
            host=host,
            port=port,
            reason=error.strerror or "-",
        ) from None
    listening.set_inheritable(False)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
