"""Promises of ``hashreg.client`` and of the workers that hash for it."""
