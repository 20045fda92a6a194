"""A chat as a file: Markdown to be read, JSON to be worked on. Pictures are named, not held."""

import json
from typing import Any

from chatcli.core.messages import Finish, Message, Role
from chatcli.core.session import Session


def as_markdown(session: Session) -> str:
    """The system text, every question and every reply under a heading of its own, as they were written."""
    parts = [f"# {session.heading}"]
    for message in _messages(session):
        parts += [f"## {_speaker(message)}", *_body(message)]
    return "".join(f"{part.strip()}\n\n" for part in parts).rstrip("\n") + "\n"


def as_json_lines(session: Session) -> str:
    """A message a line, the system text first."""
    return "".join(f"{json.dumps(_facts(message), ensure_ascii=False)}\n" for message in _messages(session))


def as_json(session: Session) -> str:
    """One object, with the title, the model and the messages."""
    messages = [_facts(message) for message in _messages(session)]
    chat = {"title": session.heading, "model": session.model, "messages": messages}
    return json.dumps(chat, ensure_ascii=False, indent=2) + "\n"


def as_asked(number: int, message: Message) -> str:
    """What was said in turn ``number``, as it looked at the prompt."""
    along = message.text.removesuffix(message.asked)
    lines = [
        *message.shown.splitlines(),
        *([f"[{len(along):,} characters came along]"] if along else []),
        *(f"[{image.name}]" for image in message.images),
    ]
    mark = f"{number}> "
    return mark + f"\n{' ' * len(mark)}".join(lines)


def _messages(session: Session) -> list[Message]:
    """The system text and all that was said; a reply that was continued is one."""
    said = [Message(Role.SYSTEM, session.system)] if session.system else []
    goes_on = False
    for message in session.messages:
        if goes_on and said and said[-1].role is message.role:
            said[-1] = message._replace(text=said[-1].text + message.text)
        elif not message.goes_on:
            said.append(message)
        goes_on = message.goes_on
    return said


def _speaker(message: Message) -> str:
    match message.role:
        case Role.SYSTEM:
            return "System"
        case Role.USER:
            return "You"
        case Role.ASSISTANT:
            return message.model or "Model"


def _body(message: Message) -> list[str]:
    pictures = [f"*[picture: {image.name}]*" for image in message.images]
    cut = message.finish not in {None, Finish.STOP}
    ending = [f"*[{message.finish.value}]*"] if cut and message.finish else []
    return [*pictures, message.text, *ending]


def _facts(message: Message) -> dict[str, Any]:
    """The names are those of the API, where it has one; what is not known is left out."""
    facts = {
        "role": message.role.value,
        "content": message.text,
        "images": [image.name for image in message.images],
        "model": message.model,
        "finish_reason": message.finish and message.finish.value,
    }
    return {name: value for name, value in facts.items() if name == "content" or value}
