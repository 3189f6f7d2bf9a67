"""Our style sheet, script and drawings, which browsers may keep: their address changes with their content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles


class Assets(StaticFiles):
    """Static files, kept for a year by browsers."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return the file with its caching header."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


assets = Assets(directory=Path(__file__).parents[1] / "static")
