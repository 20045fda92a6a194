"""Markdown for the tests of everything that streams: written by others, made at random, made to look real.

The same seed gives the same text.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

_DATA = Path(__file__).parent / "data/commonmark"

COMMONMARK: list[str] = json.loads((_DATA / "examples.json").read_text(encoding="utf-8"))
GFM_TABLES: list[str] = json.loads((_DATA / "tables.json").read_text(encoding="utf-8"))

# Examples of the CommonMark spec: a link's definition stands below it.
USED_BEFORE_THEIR_DEFINITION = [
    *(23, 33, 203, 204, 214, 218),
    *(527, 528, 529, 530, 531, 532, 533, 534, 535, 536, 539, 540, 542, 543, 549),
    *(553, 554, 555, 556, 557, 558, 559, 560, 561, 562, 565, 566, 568, 569, 570, 571, 573, 576, 577),
    *(582, 583, 584, 585, 586, 587, 588, 589, 591, 593),
]


def concatenations(seed: int, count: int) -> Iterator[str]:
    """So many documents of two to eight examples each, some with blank lines between them."""
    random = Random(seed)
    for _ in range(count):
        examples = random.choices([*COMMONMARK, *GFM_TABLES], k=random.randint(2, 8))
        yield "".join(example + random.choice(["", "\n", "\n", "\n\n"]) for example in examples)


def chunked(text: str, seed: float, longest: int) -> list[str]:
    """The text in pieces of one to ``longest`` characters."""
    random = Random(seed)
    chunks, at = [], 0
    while at < len(text):
        size = random.randint(1, longest)
        chunks.append(text[at : at + size])
        at += size
    return chunks


def _apart(text: str, separator: str = " ") -> list[str]:
    return [part for line in text.strip("\n").split("\n") for part in line.split(separator)]


_MARKERS = _apart(
    """
# |## |####### |> |>|> > |- |-|* |*\t|+ |1. |1) |2. |10. |0. |999999999. |- - |- > |> - |1. - |- [x] |- [ ]
```|````|~~~|```py|~~~ a`b|---|***|_ _ _|===|=|--|    |   |  |\t|\t\t||| - |:-:
<div>|</div>|<!-- |-->|<script>|</script>|<a href="x">|<b>|$$|\\[|\\]
[a]: /url|[b]: /u 'title'|[c]:|[a]: /two "ti|tle"|'|[b
""",
    "|",
)
_CELLS = ["| a | b |", "|---|---|", "| c |", "--|--", "a | b", "|-", "| `x\\|y` | z", "|:-:|--:|"]
_WORDS = _apart(
    """
a word two *em* **strong** ***both*** _under_ __dunder__ snake_case `code` ``co`de`` ` `` * ** _ ~~gone~~ ~~ ~
[a] [b] [a][] [text][c] [text](/url) [t](<u> "title") [half]( ![image](/src) ![ <http://x.y> http://x.y/a_b_c
<T> Vec<String> </kbd> &amp; &#27; &copy \\* \\ \\\\ $a*b*c$ $5 $10 \\(x_1_\\) \\[y\\] # - 1. 2) > | ---
日本語 **中文** 한국어 é e\u0301 👩‍👩‍👧 👍🏽 عربي \u00a0 \x1b[31m \x00 \u202e \u2028 \x0c
"""
)
_ENDS = (
    ["\n"] * 12
    + ["\n\n"] * 5
    + ["\r\n"] * 2
    + ["  \n", "\\\n", "\n\n\n", "\n \n", "\n\t\n", "\n>\n", "\r", ""]
)


def fuzz(seed: int) -> str:
    """A heap of markup: what no one writes, and what half a reply may look like."""
    random = Random(seed)
    lines = []
    for _ in range(random.randint(1, 24)):
        indent = " " * random.choice([0, 0, 0, 0, 1, 2, 2, 3, 3, 4, 4, 6])
        markers = "".join(random.choices(_MARKERS, k=random.choice([0, 0, 1, 1, 1, 2, 3])))
        words = " ".join(random.choices(_WORDS, k=random.choice([0, 1, 1, 2, 3, 5])))
        text = random.choice(_CELLS) if random.random() < 0.12 else markers + words
        lines.append(indent + text + random.choice(_ENDS))
    return "".join(lines)


_NOUNS = _apart("parser buffer window token screen cursor reply model socket server table index cache queue")
_VERBS = _apart("reads writes keeps drops merges returns blocks resumes reports measures wraps")
_ASIDES = [
    "`{noun}.{verb}()`",
    "**{noun}**",
    "*{noun}*",
    "[the {noun}](https://example.org/docs/{noun}_{verb}#part)",
    "`--{noun}={verb}`",
    "~~{noun}~~",
    "**the `{noun}` that {verb}**",
    "https://example.org/{noun}",
    "$O(n \\log n)$",
    "{noun} → {noun} 🙂",
]
_CJK = [
    "解析器会逐行读取文本,然后把它写到屏幕上。",
    "この段落は**折り返し**を確かめるためのものです。",
    "커서는 `창`의 끝에 있습니다.",
]
_PYTHON = '''\
def {verb}_{noun}(items: list[str], limit: int = {n}) -> dict[str, int]:
    """Counts every {noun} that {verb}."""
    counts: dict[str, int] = {{}}
    for number, item in enumerate(items):
        if number > limit or not item:  # enough
            continue
        counts[item] = counts.get(item, 0) + 1

    return counts
'''
_JSON = """\
{{
  "{noun}": [{n}, true, null],
  "{verb}": {{"nested": "text with \\"quotes\\"", "size": 1.5e3}}
}}
"""
_C = """\
/* {noun}
 * {verb} */
int {noun}(const char *s) {{
\treturn s[{n}] == '\\0' ? 0 : printf("%s\\n", s);
}}
"""
_CODE = [("python", _PYTHON), ("json", _JSON), ("c", _C), ("", "$ {verb} --{noun} {n}\n")]


def reply_like(seed: int, size: int) -> str:
    """What a model might answer: prose, lists, steps with code, tables; about ``size`` characters."""
    random = Random(seed)
    blocks, length = [], 0
    while length < size:
        block = random.choices(
            [_prose, _heading, _bullets, _steps, _code, _table, _quote, _foreign], [9, 3, 4, 2, 3, 2, 1, 1]
        )[0](random)
        blocks.append(block)
        length += len(block) + 1
    return "\n".join(blocks)


def _sentence(random: Random, aside: float = 0.25) -> str:
    words = []
    for _ in range(random.randint(4, 14)):
        noun, verb = random.choice(_NOUNS), random.choice(_VERBS)
        words.append(random.choice(_ASIDES).format(noun=noun, verb=verb) if random.random() < aside else noun)
        words.append(random.choice([verb, "the", "and", "of", "when it"]))
    text = " ".join(words)
    return text[0].upper() + text[1:] + random.choice([".", ".", ":", "?"])


def _prose(random: Random) -> str:
    return " ".join(_sentence(random, 0.12) for _ in range(random.randint(1, 6))) + "\n"


def _heading(random: Random) -> str:
    return f"{'#' * random.randint(1, 4)} {_sentence(random, 0.05)}\n"


def _bullets(random: Random) -> str:
    lines = []
    for _ in range(random.randint(2, 9)):
        depth = random.choice([0, 0, 0, 1, 1, 2]) if lines else 0
        task = random.choice(["", "", "", "", "[ ] ", "[x] "])
        lines.append(f"{'  ' * depth}- {task}{_sentence(random)}\n")
    return "".join(lines)


def _steps(random: Random) -> str:
    steps = []
    for number in range(1, random.randint(3, 7)):
        steps.append(f"{number}. {_sentence(random)}\n")
        if random.random() < 0.4:
            steps.append(
                "\n" + "".join(f"   {line}" if line.strip() else line for line in _lines(_code(random)))
            )
            steps.append("\n")
    return "".join(steps)


def _code(random: Random) -> str:
    language, code = random.choice(_CODE)
    text = code.format(noun=random.choice(_NOUNS), verb=random.choice(_VERBS), n=random.randint(2, 999))
    return f"```{language}\n{text * random.choice([1, 1, 1, 2, 5])}```\n"


def _table(random: Random) -> str:
    columns = random.randint(2, 5)
    rows = [[random.choice(_NOUNS).capitalize() for _ in range(columns)]]
    rows.append([random.choice(["---", ":--", "--:", ":-:"]) for _ in range(columns)])
    rows += [
        [_sentence(random) if random.random() < 0.15 else random.choice(_VERBS) for _ in range(columns)]
        for _ in range(random.randint(1, 12))
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _quote(random: Random) -> str:
    return "".join(f"> {_sentence(random)}\n" for _ in range(random.randint(1, 4)))


def _foreign(random: Random) -> str:
    return "".join(random.choices(_CJK, k=random.randint(1, 4))) + " 👩‍👩‍👧 👍🏽\n"


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


_OPENINGS = _apart("|> |- |1. |12) |> - |- > |- - |   |**|_|`|[a]|<b>|$5 ", "|")
_GAPS = ["\n", "  ", "  \n", "", "\n> ", "\n   ", "\\\n", "，"]


def long_texts(seed: int) -> str:
    """Paragraphs of hundreds of characters, in quotes, in items and in none, with markup here and there."""
    random = Random(seed)
    blocks = []
    for _ in range(random.randint(1, 4)):
        opening, plain = random.choice(_OPENINGS), random.choice([0, 0.5, 0.8, 0.95, 1])
        gaps = random.choices([0, 1, 9], k=len(_GAPS))
        words = [
            random.choice(_NOUNS if random.random() < plain else _WORDS)
            + random.choices([" ", *_GAPS], [40, *gaps])[0]
            for _ in range(random.randint(10, 150))
        ]
        blocks.append(opening + "".join(words))
    return random.choice(["\n", "\n\n", "\n---\n", "\n- ", "\n  - ", "\n| a |\n|---|\n"]).join(blocks)
