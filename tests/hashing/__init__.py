"""Promises of ``hashreg.hashing``."""
