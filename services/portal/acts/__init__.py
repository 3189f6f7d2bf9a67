"""What people do, as forms that more than one page shows."""
