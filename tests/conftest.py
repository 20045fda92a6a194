"""What holds for every test."""

import os

from hypothesis import settings

# No deadline: a busy machine is no bug. Where nobody looks for new failures, the same examples every time.
settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("suite")
