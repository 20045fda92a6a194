"""Takes the pictures of the documents: the real program at a real terminal, talking to a server by a script.

``python -m docs.picture`` has somebody type what stands here, and writes what they then see to docs/pictures;
with names (``python -m docs.picture menu``) only those. A picture is the same each time that it is taken: how
long a reply took is left out of it.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pyte
from pyte.screens import Char
from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.text import Text

from tests.e2e.tour import CTRL_L, DOWN, Visitor, visit
from tests.e2e.world import World
from tests.servers.scripted import ScriptedServer, reply

PICTURES = Path(__file__).parent / "pictures"
COLUMNS = 90  # the line below the prompt has room for all its parts

# The fonts of whoever looks at it: a picture fetches nothing.
FRAME = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

# What pyte knows by other names.
RICH_COLOURS = {"default": "", "brown": "yellow", "brightblack": "bright_black"}
RICH_LOOKS = {
    "bold": "bold",
    "italics": "italic",
    "underscore": "underline",
    "strikethrough": "strike",
    "reverse": "reverse",
}
GREY_FOR_DIM = (b"\x1b[2m", b"\x1b[90m")  # pyte knows no dim
HOW_LONG = re.compile(r" · \d+\.\d s( · [\d,]+ tok/s)?")

MEDIAN = '''\
The **median** is the value in the middle. The module `statistics` has it:

```python
from statistics import median

def typical(prices: list[float]) -> float:
    """Half of them cost less."""
    return median(prices) if prices else 0.0
```

| of            | is  | because                      |
|---------------|----:|------------------------------|
| `1, 3, 100`   | `3` | it is in the middle          |
| `1, 3, 5, 90` | `4` | *two* are there: (3 + 5) / 2 |

1. Sorting takes *n log n*.
2. For tenths or quarters there is `quantiles`.
'''

SEA = ("ships", "harbours", "whales", "storms")
TALE = (
    "Much is told of {}, and some of it is true. Whoever lives by the sea has known them from childhood on; "
    "whoever does not can hear of them in any harbour, where the old are in no hurry to come to the end."
)
BELOW = "of 1,050,000 tokens"  # the line below the prompt: what is drawn last


class Picture(NamedTuple):
    """What somebody does at a terminal with so many ``lines``, while the model says ``replies`` in turn.

    ``usage`` is what each of them took, prompt and reply, in tokens; ``flags`` are those of the program.
    """

    lines: int
    doing: Callable[[Visitor], object]
    replies: Sequence[str]
    usage: tuple[int, int] | None = None
    flags: Sequence[str] = ()


def ask_for_code(me: Visitor) -> object:
    """A reply with all that Markdown has."""
    return me.say("How do I find the median in Python?").see("quantiles").prompt().see(BELOW)


def choose_from_the_menu(me: Visitor) -> object:
    """The menu below the prompt, with one of it chosen."""
    me.say("What is a median?").see("half above.").prompt().write("/t").see("/title", "/theme", "/top_p")
    return me.type(DOWN * 2).reads("/title").see(BELOW)


def paste_a_log(me: Visitor) -> object:
    """A long paste that is folded, a file that goes along, and what the line below the prompt tells."""
    log = "\n".join(f"2026-11-20 09:{second // 60:02}:{second % 60:02} GET /" for second in range(240))
    me.say("/temperature 0.2").say("/file stats.py").see("staged stats.py").prompt()
    return me.paste(log).see("[pasted 240 lines").write(" Which of these did stats.py leave out?").see(BELOW)


def look_at_the_context(me: Visitor) -> object:
    """What is sent and what is not, once a chat has outgrown its window."""
    me.say("My name is Ada and I like the sea.").prompt().say("/pin 1").see("pinned turn 1")
    for about in SEA:
        me.say(f"Tell me about {about}.").see("to the end").prompt()
    return me.say("/context").see("kept for the reply").prompt().see("of 256 tokens")


def compare_two_answers(me: Visitor) -> object:
    """A question that is asked again, of another model, and how the answers differ."""
    me.say("Three fruits, one a line.").see("cherry").say("/retry -m gpt-4.1 -t 1.2").see("damson")
    return me.say("/diff").see("+damson").prompt().see(BELOW)


ALBUM = {
    "reply": Picture(23, ask_for_code, [MEDIAN], (18, 142)),
    "menu": Picture(12, choose_from_the_menu, ["Half of all values lie below it, half above."], (14, 12)),
    "paste": Picture(10, paste_a_log, ["None."]),
    "context": Picture(
        28,
        look_at_the_context,
        ["Nice to meet you, Ada.", *(TALE.format(about) for about in SEA)],
        flags=("--context", "256", "--max-tokens", "60"),
    ),
    "diff": Picture(22, compare_two_answers, ["apple\nbanana\ncherry", "apple\ncherry\ndamson"], (16, 8)),
}


def taken(picture: Picture) -> Text:
    """All that is on the screen in the end, in its colours."""
    script = (reply(text, usage=picture.usage) for text in picture.replies)
    with TemporaryDirectory() as folder, ScriptedServer(*script) as server:
        world = World.at(Path(folder))
        (world.home / "stats.py").write_text("def median(numbers): ...\n", encoding="utf-8")
        usual = ("--base-url", server.url, "--model", "gpt-6-luna", "--theme", "dark")
        with visit(world, *usual, *picture.flags, lines=picture.lines, columns=COLUMNS) as me:
            me.prompt().type(CTRL_L).miss("/help")  # the address there is another each time
            picture.doing(me)
            return _seen(me.raw, picture.lines)


def _seen(drawn: bytes, lines: int) -> Text:
    """What a program has drawn."""
    screen = pyte.Screen(COLUMNS, lines)
    pyte.ByteStream(screen).feed(drawn.replace(*GREY_FOR_DIM))
    rows = [[screen.buffer[y][x] for x in range(COLUMNS)] for y in range(lines)]
    at = rows[screen.cursor.y][screen.cursor.x]
    rows[screen.cursor.y][screen.cursor.x] = at._replace(reverse=True)
    text = Text("\n").join(_without_times(Text.assemble(*_pieces(row))) for row in rows)
    text.rstrip()
    return text


def _pieces(row: list[Char]) -> Iterator[tuple[str, str]]:
    """The row's text, cut where its looks change, each piece with what rich calls them."""
    for style, chars in groupby(row, key=_style):
        yield "".join(char.data for char in chars), style


def _style(char: Char) -> str:
    """How a character looks, in rich's words."""
    words = [word for look, word in RICH_LOOKS.items() if getattr(char, look)]
    ground = _colour(char.bg)
    return " ".join([*words, _colour(char.fg), f"on {ground}" if ground else ""]).strip()


def _colour(name: str) -> str:
    """What rich calls a colour of pyte's."""
    return f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else RICH_COLOURS.get(name, name)


def _without_times(line: Text) -> Text:
    found = HOW_LONG.search(line.plain)
    return line[: found.start()] + line[found.end() :] if found else line


def main(names: list[str]) -> None:
    """Take these pictures, or all."""
    for name in names or ALBUM:
        console = Console(
            record=True, file=StringIO(), width=COLUMNS, force_terminal=True, color_system="truecolor"
        )
        console.print(taken(ALBUM[name]), no_wrap=True)
        console.save_svg(str(PICTURES / f"{name}.svg"), title="chatcli", code_format=FRAME, unique_id=name)


if __name__ == "__main__":
    main(sys.argv[1:])
