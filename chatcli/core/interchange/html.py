"""A chat as one web page that needs nothing else: no script, no font, no picture from elsewhere."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape
from typing import Final

from chatcli.core.messages import Finish, Image, Message, Role
from chatcli.core.session import Session

# Whatever might slip into the page, the browser runs no script and fetches nothing.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLES: Final = """\
:root {
  color-scheme: light dark;
  --ink: #1f2328; --dim: #59636e; --page: #fff; --tint: #f3f5f7; --link: #0b4fa8
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ee; --dim: #9aa6b2; --page: #11161c; --tint: #1b222b; --link: #82aaff }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word }
article { margin: 1.5rem 0 }
article > header { color: var(--dim); font-size: .85rem; font-weight: 600 }
.user, .system { background: var(--tint); border-radius: .6rem; padding: .6rem 1rem }
.said { white-space: pre-wrap }
.system, .ending { color: var(--dim) }
a { color: var(--link) }
img { max-width: 100% }
pre, code { font: .9em/1.5 ui-monospace, monospace; background: var(--tint) }
pre { padding: .8rem 1rem; border-radius: .6rem; overflow-x: auto }
code { padding: .1em .3em; border-radius: .3em }
pre code { padding: 0; background: none; font-size: 1em }
blockquote { margin-left: 0; padding-left: 1rem; border-left: .2rem solid var(--dim) }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border: 1px solid var(--dim); padding: .3rem .7rem }
@media print { main { max-width: none } }
"""


def as_html(session: Session, drawn: Callable[[str], str], styles: str) -> str:
    """The page. ``drawn`` makes safe HTML of a reply's Markdown, and ``styles`` are for its code.

    What people write stays as they wrote it.
    """
    title = escape(session.heading)
    system = [Message(Role.SYSTEM, session.system)] if session.system else []
    articles = "".join(_article(message, drawn) for message in (*system, *session.messages))
    page = f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{_STYLES}{styles}</style>
</head>
<body>
<main>
<h1 dir="auto">{title}</h1>
{articles}</main>
</body>
</html>
"""
    return _sound(page)


def _article(message: Message, drawn: Callable[[str], str]) -> str:
    body = "\n".join(_body(message, drawn))
    speaker = escape(_speaker(message))
    return f'<article class="{message.role.value}">\n<header>{speaker}</header>\n{body}\n</article>\n'


def _body(message: Message, drawn: Callable[[str], str]) -> Iterator[str]:
    yield from map(_picture, message.images)
    if message.role is Role.ASSISTANT:
        yield f'<div dir="auto">{drawn(_sound(message.text))}</div>'
    elif message.text:
        yield f'<div class="said" dir="auto">{escape(message.text)}</div>'
    if message.finish not in {None, Finish.STOP}:
        yield f'<p class="ending">{escape(str(message.finish.value))}</p>'


def _picture(image: Image) -> str:
    source = f"data:{image.mime};base64,{b64encode(image.data).decode()}"
    return f'<p><img src="{escape(source)}" alt="{escape(image.name)}"></p>'


def _speaker(message: Message) -> str:
    match message.role:
        case Role.SYSTEM:
            return "System"
        case Role.USER:
            return "You"
        case Role.ASSISTANT:
            return message.model or "Model"


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()
