"""The door for software: JSON over HTTP, through the same requests as the pages. See docs/reference/api.md."""
