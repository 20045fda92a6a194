"""A chat as a web page: everything is there, and nothing that acts or leads away by itself."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcli.adapters.page import as_page
from chatcli.core.messages import Finish, Image, Message, Role
from chatcli.core.session import Session

VOID = {"br", "hr", "img", "meta"}
MARKDOWN = st.text(st.sampled_from("ab <>&\"'`*_[]()!#|-~\\\n:/=") | st.characters(), max_size=200)


class Page(HTMLParser):
    """What a browser would see: words, tags and attributes; it minds that every tag is closed in its turn."""

    def __init__(self, text):
        super().__init__()
        self.words, self.tags, self.links, self.styles = "", [], [], ""
        self._open = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] == ["style"]:
            self.styles += data
        else:
            self.words += data

    def attributes(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page(*messages, **facts):
    return Page(as_page(Session(messages=messages, **facts)))


def replied(text):
    return page(Message(Role.ASSISTANT, text))


def test_every_word_is_there_in_its_order():
    found = page(
        Message(Role.USER, "Say hi,\n  <b>twice</b>."),
        Message(Role.ASSISTANT, "# Hi\n\nand *hi*", Finish.INTERRUPTED, model="gpt-6"),
        system="Be <brief>.",
        title="Hi & hi",
    )
    words = "Hi & hi Hi & hi System Be <brief>. You Say hi, <b>twice</b>. gpt-6 Hi and hi interrupted"
    assert " ".join(found.words.split()) == words


def test_what_a_person_wrote_stays_as_it_was():
    text = "a\n\n    *b*\t<i>\n"
    assert f"You\n{text}\n" in page(Message(Role.USER, text)).words


def test_code_is_coloured_and_stays_what_it_was():
    found = replied("```python\n\nif 1 < 2:  # so <b>\n\tprint('é')\n\n```")
    assert {"class": "language-python"} in found.attributes("code")
    assert {"class": "k"} in found.attributes("span")
    assert "\nif 1 < 2:  # so <b>\n\tprint('é')\n\n" in found.words
    assert "pre .k {" in found.styles
    assert found.styles.count("prefers-color-scheme: dark") == 3


@pytest.mark.parametrize("language", ["", "nope", 'x"><script>', "../../etc", "python extra"])
def test_code_in_any_language_is_shown(language):
    found = replied(f"```{language}\n1 < 2\n```")
    assert "1 < 2\n" in found.words


def test_the_links_of_a_model_tell_nobody_where_they_were():
    found = replied("[here](https://example.com/?a=1&b=2 'it') and <https://example.org>")
    assert found.attributes("a") == [
        {"href": "https://example.com/?a=1&b=2", "title": "it", "rel": "noreferrer"},
        {"href": "https://example.org", "rel": "noreferrer"},
    ]


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "file:///x", "vbscript:x"]
)
def test_no_link_runs_anything(target):
    assert replied(f"[x]({target}) <{target}>").attributes("a") == []


def test_a_picture_from_elsewhere_is_named_and_not_fetched():
    found = replied("![a *cat*](https://example.com/cat.png?who=me) [![b](c.png)](https://example.com)")
    assert found.attributes("img") == []
    assert "a cat (https://example.com/cat.png?who=me)" in found.words
    assert len(found.attributes("a")) == 1


def test_pictures_of_the_chat_are_in_the_page():
    cat = Image('a "cat".png', "image/png", b"meow", 2, 2)
    found = page(Message(Role.USER, "", images=(cat,)))
    assert found.attributes("img") == [{"src": "data:image/png;base64,bWVvdw==", "alt": 'a "cat".png'}]


def test_a_picture_that_a_reply_holds_itself_is_in_the_page():
    found = replied("![dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)")
    assert found.attributes("img") == [{"src": "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "alt": "dot"}]


def test_a_table_is_a_table():
    found = replied("|a|b|\n|-|-|\n|1|~~2~~|")
    assert (len(found.attributes("table")), len(found.attributes("td")), len(found.attributes("s"))) == (
        1,
        2,
        1,
    )


@given(st.text(st.characters()), MARKDOWN, st.text())
@example("\ud800", "[\ud800](\ud800) ![\ud800](\ud800)\n```\ud800\n\ud800", "\ud800")
@example("", "<script>alert(1)</script><img src=x onerror=alert(1)>", "</title><script>")
@example("", '[x](https://a.b "onclick=alert(1)") ![" onerror="x](data:image/png,x)', "'\"")
def test_nothing_in_a_page_acts_whatever_was_said(asked, answered, title):
    text = as_page(
        Session(
            messages=(Message(Role.USER, asked), Message(Role.ASSISTANT, answered)), system=asked, title=title
        )
    )
    assert text.encode()
    found = Page(text)
    names = {name for name, _ in found.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "form", "base", "svg"} - {"style"}
    assert len(found.attributes("style")) == 1
    assert "url(" not in found.styles
    assert "@import" not in found.styles
    for tag, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert "src" not in attributes or attributes["src"].startswith("data:image/")
        assert "href" not in attributes or (tag == "a" and attributes["rel"] == "noreferrer")
    assert [
        a["content"] for a in found.attributes("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ] == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
