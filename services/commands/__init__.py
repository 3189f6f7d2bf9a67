"""What the command ``quinzaine`` can do, one module a command; ``services.cli`` reads the words typed."""


class JourneyFailed(Exception):
    """A step that did not end as it should; the text says which and what was seen."""
