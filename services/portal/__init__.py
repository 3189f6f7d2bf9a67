"""The doors: web pages, feeds and incoming mail. Knows the services only by their contracts."""
