"""Use cases of the scheduling service: one function per request or event."""
