"""Commands about the turns of the open chat: asked again, taken back, changed, looked at."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import unified_diff
from itertools import zip_longest
from typing import Final

from chatcli.commands.outcomes import Ask, Become, Draft, Outcome, Quit, Say, Several, Show
from chatcli.commands.registry import Arg, Call, Command, Offer, as_typed
from chatcli.commands.replies import last_reply
from chatcli.core.desk import Desk
from chatcli.core.kinds import Value
from chatcli.core.messages import GO_ON, Finish, Message, Role
from chatcli.core.params import PARAMS
from chatcli.core.session import Session, first_words, turns_named
from chatcli.core.transcript import as_asked
from chatcli.errors import UsageError

_CUT: Final = {Finish.LENGTH, Finish.INTERRUPTED, Finish.TRUNCATED, Finish.FAILED}
_TEMPERATURE: Final = PARAMS["temperature"].kind
_RETRY: Final = "/retry -t 1.2"
_SERVERS_OWN: Final = "the server's own model"

# A figure and a full stop only begin an item of a list.
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[^\W\d][.!?])\s+(?=\S)|(?<=。)(?=\S)")


def go_on(call: Call) -> Outcome:
    """``/continue``: the model is asked for the rest of a reply that did not come to its end."""
    if last_reply(call).finish not in _CUT:
        raise UsageError("The last reply was not cut off.", "Ask for more in your own words.")
    return Ask(Message(Role.USER, GO_ON))


def retry(call: Call) -> Outcome:
    """``/retry``: the question that got no answer, or else the last one, which then has one more."""
    if unanswered := call.desk.unanswered:
        return Ask(unanswered, within=_otherwise(call, call.session))
    turns = _turns(call)
    question = turns[-1][0]
    return Ask(question, within=_otherwise(call, call.session.reopened(len(turns))))


def _otherwise(call: Call, session: Session) -> Session:
    """The session with the model and the temperature that were named."""
    words = call.argument.split()
    for flag, value in zip_longest(words[::2], words[1::2]):
        match flag, value:
            case "-m", str():
                session = replace(session, model=value)
            case "-t", str():
                params = session.params.having("temperature", _temperature(value))
                session = replace(session, params=params)
            case _:
                message = f"/retry takes -m model and -t temperature, not {call.argument!r}."
                raise UsageError(message, f"For example {_RETRY}.")
    return session


def _temperature(text: str) -> Value:
    try:
        return _TEMPERATURE.read(text)
    except ValueError as error:
        raise UsageError(f"temperature must be {error}, not {text!r}.", f"For example {_RETRY}.") from None


def diff(call: Call) -> Outcome:
    """``/diff``: how each earlier answer to the last question differs from the one that stands.

    Sentence by sentence: a paragraph is one long line.
    """
    answers = call.session.answers
    if len(answers) < 2:
        raise UsageError("There are no two different answers to the last question.", "/retry asks it again.")
    *earlier, last = enumerate(answers, 1)
    return Show("\n\n".join(_difference(each, last) for each in earlier), rendered=None)


def _difference(old: tuple[int, Message], new: tuple[int, Message]) -> str:
    """A block of Markdown: what differs in two answers, under their numbers and who gave them."""
    old_name, new_name = (f"answer {n} ({answer.model or _SERVERS_OWN})" for n, answer in (old, new))
    old_lines, new_lines = (_sentences(answer.text) for _, answer in (old, new))
    lines = unified_diff(old_lines, new_lines, old_name, new_name, lineterm="")
    text = "\n".join(lines) or f"{old_name} and {new_name} are the same"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}diff\n{text}\n{fence}"


def _sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in re.split(_BETWEEN_SENTENCES, line)]


def undo(call: Call) -> Outcome:
    """``/undo [n]``: the last turns leave the chat."""
    turns = _turns(call)
    count = number_given(call, 1)
    if count > len(turns):
        raise UsageError(f"There are no {count} turns: this chat has {len(turns)}.", "/undo takes the last.")
    stay = len(turns) - count
    left = turns_named(range(stay + 1, len(turns) + 1))
    session, was = call.session.back_to(stay), call.session.messages
    branch = next(number for number, way in enumerate(session.ways, 1) if way[: len(was)] == was)
    way_back = f"/branch {branch} brings {'it' if count == 1 else 'them'} back"
    return Become(session, f"undone {left}: {first_words(turns[stay][0].shown)}; {way_back}")


def edit(call: Call) -> Outcome:
    """``/edit [n]``: a question stands in the prompt again; what is made of it takes its place."""
    turns = _turns(call)
    number = turn_meant(call)
    question = turns[number - 1][0]
    along = question.text.removesuffix(question.asked)
    within = call.session.reopened(number)

    def asked(text: str) -> Outcome:
        draft = Draft(as_typed(text), then=asked)
        return Ask(question._replace(text=along + text), within=within, otherwise=draft)

    leaving = turns_named(range(number, len(turns) + 1))
    note = f"Sent, it takes the place of {leaving}. Ctrl-C or a command leaves the chat as it is."
    return Several((Say(note), Draft(as_typed(question.asked), then=asked)))


def history(call: Call) -> Outcome:
    """``/history [n]``: the last turns, as they looked when they came."""
    shown = shown_again(call.session, number_given(call, len(_turns(call))))
    others = other_branches(call.session)
    return Several((*shown, Say(f"\n{others}")) if others else shown)


def other_branches(session: Session) -> str:
    """How many other ways the chat has gone, and where they are; nothing if there is none.

    A last question to which no answer came does not count: whoever is shown the chat is told of it.
    """
    count = sum(session.messages not in (way, way[:-1]) for way in session.ways)
    return f"{count} other branch{'' if count == 1 else 'es'}: /branch" if count else ""


def shown_again(session: Session, most: int) -> tuple[Outcome, ...]:
    """What shows the last turns, at most so many, as they looked when they came."""
    turns = list(enumerate(session.turns, 1))[-most:]
    return tuple(_shown(number, message) for number, turn in turns for message in turn)


def _shown(number: int, message: Message) -> Outcome:
    if message.role is Role.ASSISTANT:
        return Show(message.text, rendered=None, finish=message.finish)
    return Say(f"\n{as_asked(number, message)}")


def leave(_call: Call) -> Outcome:
    """The end."""
    return Quit()


def turn_meant(call: Call) -> int:
    """The number of the turn that was named; without a name, of the last. Raises UsageError."""
    count = len(_turns(call))
    number = number_given(call, count)
    if number > count:
        raise UsageError(f"There is no turn {number}: this chat has {count}.", "/history shows them.")
    return number


def _turns(call: Call) -> list[tuple[Message, ...]]:
    if turns := call.session.turns:
        return turns
    raise UsageError("Nothing has been said yet.", "Ask something first.")


def number_given(call: Call, usual: int) -> int:
    """The number that was typed, or else the usual one. Raises UsageError."""
    if not call.argument:
        return usual
    if re.fullmatch(r"[1-9]\d{0,8}", call.argument, re.ASCII):
        return int(call.argument)
    raise UsageError(f"/{call.name} takes a number, not {call.argument!r}.", f"For example /{call.name} 2.")


def turns_offered(session: Session) -> Iterator[Offer]:
    """Every turn by its number, with its first words; the last one first."""
    for number, turn in reversed(list(enumerate(session.turns, 1))):
        yield Offer(str(number), first_words(turn[0].shown))


def _ways_back(call: Call) -> Iterator[Offer]:
    """How many turns can be taken back, with the first words of the first that leaves."""
    for count, turn in enumerate(turns_offered(call.session), 1):
        yield Offer(str(count), turn.help)


def _ways_to_retry(call: Call) -> Iterable[str]:
    match call.argument.split(" ")[-2:]:
        case ["-m", _]:
            return call.facts.names()
        case ["-t", _]:
            return _TEMPERATURE.choices
        case _:
            return "-m", "-t"


def _began(desk: Desk) -> bool:
    return bool(desk.session.messages)


def _was_cut(desk: Desk) -> bool:
    return any(message.finish in _CUT for message in desk.session.messages[-1:])


COMMANDS: Final = (
    Command(
        "continue",
        "have the model go on with a reply that was cut off",
        go_on,
        example="/continue",
        when=_was_cut,
    ),
    Command(
        "retry",
        "ask the last question again, of another model or at another temperature; both are kept: /branch",
        retry,
        Arg("[-m model] [-t temperature]", _ways_to_retry),
        example=_RETRY,
        when=lambda desk: _began(desk) or bool(desk.unanswered),
    ),
    Command(
        "diff",
        "show how the answers to the last question differ",
        diff,
        example="/diff",
        when=lambda desk: len(desk.session.answers) > 1,
    ),
    Command(
        "undo",
        "take back the last turn, or the last n",
        undo,
        Arg("[n]", _ways_back),
        example="/undo",
        when=_began,
    ),
    Command(
        "edit",
        "change the last question, or that of turn n, and ask it in its place",
        edit,
        Arg("[n]", lambda call: turns_offered(call.session)),
        example="/edit",
        when=_began,
    ),
    Command(
        "history",
        "show the whole chat again, or its last n turns",
        history,
        Arg("[n]"),
        example="/history 3",
        when=_began,
    ),
    Command("exit", "leave (so does Ctrl-D)", leave, aliases=("quit", "q"), example="/exit"),
)
