"""DEVICE: submission files, receipts, and checking files against any look-up."""
