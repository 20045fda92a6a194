"""The program of the child process: llama.cpp's own HTTP server, for as long as its parent lives.

It is run by its path (``python -P llama_server.py``) and imports nothing of chatcli: the child starts in the
time that llama.cpp needs, whatever the parent has loaded and wherever the package lies. ``-P`` keeps this
directory off its import path.

stdin brings one line of JSON (model, context, threads, sampling, key; a key has no place on a command line
or in the environment) and then stays open. stdout answers with one line, the server's address. What goes
wrong is an ordinary traceback. When stdin ends the process ends: the system closes a pipe however its owner
died.
"""

import fcntl
import json
import os
import resource
import select
import signal
import sys

from xllamacpp import CommonParams, Server


def main() -> None:
    """Serve until stdin ends."""
    setup = json.loads(sys.stdin.readline())
    die_with_stdin()
    take_no_more_than_there_is()
    params = CommonParams()
    params.model.path = setup["model"]
    params.n_ctx = setup["context"]
    params.cpuparams.n_threads = setup["threads"]
    params.cpuparams_batch.n_threads = setup["threads"]
    for name, value in setup["sampling"].items():  # for requests that say nothing else
        setattr(params.sampling, name, value)
    params.api_keys = [setup["key"]]
    params.port = 0  # any that is free
    params.verbosity = -1  # silent
    params.n_parallel = 1  # the whole context window for the one who asks
    params.cache_ram_mib = 0  # one conversation at a time: no gigabytes for those that were left
    server = Server(params)
    print(server.listening_address, flush=True)  # noqa: T201 - the parent reads it
    sys.stdin.read()
    os._exit(0)  # at once, in the middle of a reply too


def die_with_stdin() -> None:
    """Let SIGIO end the process when the pipe closes, for ``Server`` holds the GIL until the model is loaded.

    Where a pipe sends no signal, the end of stdin is noticed after loading.
    """
    stdin = sys.stdin.fileno()
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(stdin, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(stdin, fcntl.F_SETFL, fcntl.fcntl(stdin, fcntl.F_GETFL) | os.O_ASYNC)
    closed_already, _, _ = select.select([stdin], [], [], 0)
    if closed_already:
        os._exit(0)


def take_no_more_than_there_is() -> None:
    """Have a context window that needs more memory than the machine has refused, not granted page by page.

    The system would promise it, and in the end kill whatever is largest.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [bound for bound in (memory, soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), hard))


main()
