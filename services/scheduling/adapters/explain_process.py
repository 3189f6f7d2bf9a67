"""Explanations in a child process: linear programmes neither block the service's threads nor take it down."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from services.contracts import codec
from services.contracts.errors import Problem as Finding
from services.scheduling.domain.problem import Problem

CHILD = (sys.executable, "-m", "services.scheduling.adapters.explain_process")
POLL_SECONDS = 0.05
SECONDS = 2.0
GRACE_SECONDS = 12.0

log = logging.getLogger(__name__)


class ExplainProcess:
    """The port ``Explainer``. ``seconds``: for the counts; ``grace``: beyond them, after which the child is killed."""

    def __init__(
        self, seconds: float = SECONDS, *, grace: float = GRACE_SECONDS, command: tuple[str, ...] = CHILD
    ) -> None:
        self.seconds, self.grace, self.command = seconds, grace, command

    def ways_out(self, problem: Problem) -> tuple[Finding, ...]:
        """See ports.Explainer. A child that dies or takes too long has found nothing."""
        with tempfile.TemporaryDirectory(prefix="explain-") as directory:
            asked, said = Path(directory) / "problem.json", Path(directory) / "findings.json"
            asked.write_text(codec.dumps(problem), encoding="utf-8")
            code = self._run([*self.command, str(asked), str(said), str(self.seconds)])
            if code == 0:
                return codec.decode(tuple[Finding, ...], json.loads(said.read_text(encoding="utf-8")))
        log.warning("no explanation: the child ended with %s", code)
        return ()

    def _run(self, command: list[str]) -> int | None:
        """Wait for the child without blocking green threads; return its exit code, None when it was killed."""
        deadline = time.monotonic() + self.seconds + self.grace
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        late = child.poll() is None
        if late:
            child.kill()
        while child.poll() is None:
            time.sleep(POLL_SECONDS)
        return None if late else child.returncode


def main(arguments: list[str]) -> int:
    """Explain the problem of the first file into the second, within so many seconds."""
    from services.scheduling.adapters.cpsat.explained.way_out import explain

    asked, said, seconds = Path(arguments[0]), Path(arguments[1]), float(arguments[2])
    found = explain(codec.loads(Problem, asked.read_text(encoding="utf-8")), seconds, verify=False)
    said.write_text(codec.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
