"""The ``hashreg`` program: one file a role. The one place where device and server rooms meet."""
