"""What this machine is, in the words that people use for it."""

import platform


def operating_system() -> str:
    """Its system, as its maker calls it: "macOS", "Debian GNU/Linux 12 (bookworm)"."""
    system = platform.system()
    if system == "Darwin":
        return "macOS"
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return system
