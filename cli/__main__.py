"""``python -m hashreg.cli``."""

from hashreg.cli.main import main

main()
