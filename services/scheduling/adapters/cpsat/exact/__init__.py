"""Proved optimal plans: exact search over days, on graphs of all near-cheapest covers of each task."""
