"""The door of the program: ``chatcli`` and ``python -m chatcli`` come in here."""

import gc
import os
import sys
from typing import NoReturn

from chatcli.interrupts import ending_all


def run() -> NoReturn:
    """Run the program in the process's own world, and end the process."""
    # Whoever extends pydantic does not mean this program, and the search for plugins costs each start 5 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()  # until everything is loaded: imports make no garbage (see deferred.collect_garbage)
    with ending_all():
        from chatcli.cli import main
        from chatcli.env import Env

    env = Env.real()
    status = main(sys.argv[1:], env)
    try:
        env.stdout.flush()
        env.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)  # at once: what Python would tidy up now dies with the process


if __name__ == "__main__":
    run()
