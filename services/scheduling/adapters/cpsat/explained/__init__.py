"""What cannot be planned: what is missing at least, the cheapest way out, the smallest conflict."""
