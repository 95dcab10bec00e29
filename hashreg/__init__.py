"""hashreg: a perceptual-hash takedown registry.

People hash intimate pictures on their own device; only the hashes leave it.
"""

__version__ = "0.1.0"
