"""Editions, demand, proposals, plans and releases."""
