"""The victims' page: one file that hashes pictures in a browser, on the person's own device."""
