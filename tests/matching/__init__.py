"""Promises of ``hashreg.matching``."""
