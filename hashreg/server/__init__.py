"""SERVER: the registry over HTTP. Reaches the stores and the index through ``takedown`` only."""
