"""Promises about the house: who may import whom, what a command loads, how files look."""
