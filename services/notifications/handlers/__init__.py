"""Use cases: one function per command, question or event."""
