"""SERVER: the workflow, one small use case a file; each takes a store and, where it asks, an index.

Nothing here opens a picture or a network connection.
"""
