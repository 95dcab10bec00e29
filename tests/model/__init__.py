"""Promises of ``hashreg.model``."""
