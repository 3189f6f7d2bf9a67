"""Shared plumbing. A thing enters here at its second user."""
