"""The view for programs: one JSON object a turn on stdout; every other word goes to stderr."""

import json
from typing import Any, TextIO, assert_never

from chatcli.core.events import (
    Ended,
    Event,
    Notice,
    ReasoningDelta,
    Restyled,
    Retrying,
    Shown,
    Started,
    TextDelta,
    Tick,
)
from chatcli.core.messages import Usage
from chatcli.errors import ChatcliError
from chatcli.terminal.asides import Asides
from chatcli.terminal.voice import Voice


class JsonLines:
    """Writes an object to ``out`` when a turn has ended. Being called with an event is nearly all it does."""

    def __init__(self, out: TextIO, voice: Voice, asides: Asides) -> None:
        self._out = out
        self._voice = voice
        self._asides = asides
        self._left_out: tuple[int, ...] = ()

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case Started():
                self._left_out = event.fitted.left_out
                self._asides(event)
            case Notice() | Retrying():
                self._asides(event)
            case Ended():
                self._asides(event)
                self._end(event)
            case Shown(text):
                self._voice.say(text)
                self._asides(event)
            case TextDelta() | ReasoningDelta() | Tick() | Restyled():
                pass
            case _:
                assert_never(event)

    def failed(self, error: ChatcliError) -> None:
        """Tell of a line that came to no turn."""
        self._write(session=None, turn=None, text="", finish_reason=None, error=error)

    def _end(self, event: Ended) -> None:
        reply, session = event.reply, event.session
        self._write(
            session=session.id,
            turn=len(session.turns) + (not reply.text),  # a turn without a reply is not kept
            text=reply.text,
            finish_reason=reply.finish.value,
            usage=reply.usage,
            left_out=self._left_out,
            error=event.error,
        )
        self._left_out = ()

    def _write(  # noqa: PLR0913 - the fields of a line
        self,
        *,
        session: str | None,
        turn: int | None,
        text: str,
        finish_reason: str | None,
        usage: Usage | None = None,
        left_out: tuple[int, ...] = (),
        error: ChatcliError | None,
    ) -> None:
        line = {
            "session": session,
            "turn": turn,
            "text": text,
            "finish_reason": finish_reason,
            "usage": _counted(usage) if usage else None,
            "left_out": left_out,
            "error": _told(error) if error else None,
        }
        self._out.write(f"{json.dumps(line, ensure_ascii=False)}\n")
        self._out.flush()


def _counted(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "cached_tokens": usage.cached,
        "reasoning_tokens": usage.reasoning,
    }


def _told(error: ChatcliError) -> dict[str, Any]:
    return {"message": error.message, "hint": error.hint, "kind": type(error).__name__}
