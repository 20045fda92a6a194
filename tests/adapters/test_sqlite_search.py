"""Full text: what is found, what is best, and what narrows it down."""

from itertools import count

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.messages import Finish, Reply, Role
from chatcli.core.session import Session
from chatcli.errors import UsageError

BEGAN = 1_700_000_000


@pytest.fixture
def store(tmp_path):
    """An archive; a second passes at each look at the clock."""
    seconds = count(BEGAN)
    store = SqliteStore(tmp_path / "sessions.db", lambda: float(next(seconds)))
    yield store
    store.close()


def said(store, which, question, answer, model="m"):
    asked = Session(model, id=which).asked(question)
    store.asked(asked)
    store.answered(asked, Reply(answer, Finish.STOP))


def found(hits):
    return [(hit.session, hit.role.value) for hit in hits]


def test_messages_that_hold_all_the_words_are_found_the_best_first(store):
    said(store, "a", "What of the harbour?", "The harbour burned. " + "Much else is to be said. " * 40)
    said(store, "b", "Which harbour burned?", "The old one.")
    said(store, "c", "Harbour?", "It is not known.")

    assert found(store.search("BURNED harbour")) == [("b", "user"), ("a", "assistant")]
    assert found(store.search("BURNED harbour", limit=1)) == [("b", "user")]
    assert store.search("harbour lighthouse") == []


def test_a_hit_says_where_it_is_and_shows_the_words(store):
    asked = Session("m", title="Ports", id="a").asked("Where?")
    store.asked(asked)
    store.answered(asked, Reply("At the old harbour.", Finish.STOP))

    [hit] = store.search('"old harbour"')

    assert (hit.session, hit.heading, hit.turn, hit.role, hit.model) == ("a", "Ports", 1, Role.ASSISTANT, "m")
    assert hit.at == BEGAN + 1
    assert (hit.snippet, hit.marks) == ("At the old harbour.", ((7, 18),))


def test_a_search_is_narrowed_down_by_role_model_and_time(store):
    said(store, "a", "The harbour?", "The harbour.", "gpt-6-luna")
    said(store, "b", "A harbour?", "A harbour.", "gpt-6-luna-mini")

    assert found(store.search("harbour", role=Role.USER)) == [("b", "user"), ("a", "user")]
    assert found(store.search("harbour", model="gpt-6-luna")) == [("a", "assistant")]
    assert found(store.search("harbour", model="gpt-6")) == []
    assert found(store.search("harbour", since=BEGAN + 2)) == [("b", "assistant"), ("b", "user")]
    assert store.search("harbour", role=Role.USER, model="gpt-6-luna") == []


def test_what_comes_of_a_reply_is_found_as_it_comes_and_each_reply_once(store):
    asked = Session("m", id="a").asked("Where?")
    store.asked(asked)
    store.heard(asked, Reply("At the harb", Finish.TRUNCATED))
    assert found(store.search("harb")) == [("a", "assistant")]
    assert store.search("harb lighthouse") == []
    assert store.search("harb", role=Role.USER) == []
    assert store.search("harb", model="other") == []
    assert store.search("harb", since=BEGAN + 9) == []
    assert found(store.search("harb", model="m", role=Role.ASSISTANT)) == [("a", "assistant")]
    store.heard(asked, Reply("At the harbour", Finish.TRUNCATED))
    store.answered(asked, Reply("At the harbour.", Finish.STOP))

    assert store.search("harb") == []
    assert found(store.search("harbour")) == [("a", "assistant")]
    assert found(store.search("at")) == [("a", "assistant")]


def test_words_of_languages_without_blanks_are_found(store):
    said(store, "a", "東京タワーはどこですか", "Dans la forêt.")

    assert found(store.search("東京")) == [("a", "user")]
    assert found(store.search("京タ")) == [("a", "user")]
    assert store.search("京東") == []
    assert found(store.search("foret")) == [("a", "assistant")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("한국어를 배워요", "한국"),
        ("ฉันกินข้าว", "กิน"),
        ("In der Straße", "strasse"),
        ("In der Strasse", "STRAßE"),
        ("Việt Nam", "viet nam"),
        ("It works😀!", "😀"),
        ("It works👍🏽!", "👍"),
        ("It works 👍", "👍🏽"),
        ("By an 👩‍💻.", "👩‍💻"),
        ("It is 20°C", "20"),
        ("It is 20°C", "20°C"),
    ],
)
def test_words_are_found_in_whatever_way_they_are_written(store, text, words):
    said(store, "a", text, "Yes.")
    said(store, "b", "Something else.", "Yes.")

    [hit] = store.search(words)

    assert (hit.session, hit.role) == ("a", Role.USER)
    assert hit.marks


def test_sessions_whose_titles_hold_all_the_words_come_first(store):
    said(store, "a", "A harbour, a harbour!", "A harbour.")
    said(store, "b", "Where?", "There.", "other")
    store.rename("b", "The old harbour of Zanzibar")

    first, *others = store.search("harbour")

    assert (first.session, first.heading, first.turn, first.role) == (
        "b",
        "The old harbour of Zanzibar",
        1,
        None,
    )
    assert (first.snippet, first.marks) == ("The old harbour of Zanzibar", ((8, 15),))
    assert (first.model, first.at) == ("other", BEGAN + 3)
    assert found(others) == [("a", "user"), ("a", "assistant")]
    assert [hit.session for hit in store.search("harbour", limit=1)] == ["b"]
    assert [hit.session for hit in store.search('"zanzibar of"')] == []


def test_a_title_is_found_as_long_as_it_is_one(store):
    said(store, "a", "Where?", "There.")
    store.rename("a", "Zanzibar")
    store.rename("a", "Lisbon")

    assert store.search("zanzibar") == []
    assert [hit.session for hit in store.search("lisbon")] == ["a"]
    store.remove(store.records())
    assert store.search("lisbon") == []
    assert store.check() == []


def test_titles_are_narrowed_down_by_model_and_time_and_nobody_has_said_them(store):
    said(store, "a", "Where?", "There.", "luna")
    store.rename("a", "Lisbon")
    said(store, "b", "Where?", "There.", "sol")
    store.rename("b", "Lisbon")

    def sessions(**narrowed):
        return [hit.session for hit in store.search("lisbon", **narrowed)]

    asked = Session(title="Lisbon", id="c").asked("Where?")
    store.asked(asked)
    store.answered(asked, Reply("There.", Finish.STOP, model="the server's"))

    assert sessions() == ["c", "b", "a"]
    assert sessions(model="luna") == ["a"]
    assert sessions(model="the server's") == ["c"]
    assert sessions(since=BEGAN + 2) == ["c", "b"]
    assert sessions(role=Role.USER) == []


def test_of_a_great_many_the_newest_are_looked_at(store):
    said(store, "old", "harbour harbour harbour", "No.")
    session = Session("m", id="new")
    for _ in range(510):
        session = session.asked("a harbour")
    store.asked(session)

    assert {hit.session for hit in store.search("harbour")} == {"new"}
    assert "old" in {hit.session for hit in store.search("harbour", limit=600)}


@pytest.mark.parametrize("text", ["", "?!", '""'])
def test_without_a_word_nothing_can_be_found(store, text):
    with pytest.raises(UsageError, match="There is no word in"):
        store.search(text)


@pytest.mark.parametrize(
    "text", ['text:"x', "a AND (b", "NEAR(a b)", "-a", "a*", "\ud800 a", "facts : rolea"]
)
def test_nothing_that_is_typed_is_a_command(store, text):
    said(store, "a", "text x a and b, near a b, facts rolea", "No.")

    assert found(store.search(text)) == [("a", "user")]
