"""What the command ``quinzaine`` can do, one module a command; ``services.cli`` reads the words typed."""
