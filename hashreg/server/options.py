"""What an operator allows that is not allowed by itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``private_webhooks``: orders may be sent into the registry's own network.

    ``signals_in_urls``: a look-up may carry a hash in its address, which others log.
    """

    private_webhooks: bool = False
    signals_in_urls: bool = False


USUAL = Options()
