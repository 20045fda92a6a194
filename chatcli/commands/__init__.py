"""The slash commands: functions from what is to what shall be. They answer; they do not act."""

from typing import Final

from chatcli.commands import (
    branches,
    context,
    files,
    looking,
    replies,
    roles,
    scripting,
    sessions,
    settings,
    talking,
)
from chatcli.commands.registry import Command

COMMANDS: Final[tuple[Command, ...]] = (
    *looking.COMMANDS,
    *context.COMMANDS,
    *talking.COMMANDS,
    *branches.COMMANDS,
    *sessions.COMMANDS,
    *replies.COMMANDS,
    *files.COMMANDS,
    *roles.COMMANDS,
    *settings.COMMANDS,
    *scripting.COMMANDS,
)
