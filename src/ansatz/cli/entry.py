"""Where `ansatz` begins: it loads next to nothing itself, so that an early interruption is one line too."""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point: errors of the user are one line, and exit codes say how it went."""
    try:
        from ansatz.cli.app import app
        from ansatz.cli.guard import guarded, prepare_process

        prepare_process()
        code = guarded(app)
    except KeyboardInterrupt:
        print("ansatz: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)
