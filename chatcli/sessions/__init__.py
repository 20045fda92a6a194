"""`chatcli sessions`: the errands about the sessions that are kept. Nothing but data reaches stdout."""

from typing import Final

FORMATS: Final = ("md", "json", "jsonl", "html")
STDOUT: Final = "-"  # as the name of a file
