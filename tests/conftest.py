"""What holds for every test."""

import os
import signal

from hypothesis import settings

# No deadline: a busy machine is no bug. Where nobody looks for new failures, the same examples every time.
settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("suite")

# What is started in the background is started deaf to the keys that end a program, and hands that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
