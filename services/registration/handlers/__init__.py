"""What the registration service does: one function for each request and event."""
