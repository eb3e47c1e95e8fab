"""Where the `migrate` command begins: before anything else is loaded, Ctrl-C is made to end it in a word instead of a traceback."""

from __future__ import annotations

import atexit
import gc
import os
import signal

_STANDARD_ERROR = 2


def main() -> None:
    """Load the command line and run it."""
    # What is left goes back to the system at once: looking for garbage in it first took a tenth of an audit.
    atexit.register(gc.freeze)
    # Who was started to be deaf to it stays so, as with `nohup`.
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listens:
        signal.signal(signal.SIGINT, _end)
    from migrator.cli import main as run

    if listens:
        # From here on there may be something to put in order, and it is told there.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _end(*_: object) -> None:
    """Nothing has been done yet, so that there is nothing to put in order."""
    os.write(_STANDARD_ERROR, b"migrate: interrupted\n")
    os._exit(128 + signal.SIGINT)
