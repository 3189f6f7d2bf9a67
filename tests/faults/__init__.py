"""Suites that kill processes they started; ``make test-faults`` runs them."""
