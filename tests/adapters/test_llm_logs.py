"""llm's database, in both of its layouts, as llm itself wrote them."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcli.adapters.llm_logs import read_llm_logs
from chatcli.core.messages import Role, Usage
from chatcli.core.params import Params
from chatcli.errors import UsageError

SAMPLES = Path(__file__).parent.parent / "data" / "imports"
OLD, NEW = SAMPLES / "llm-0.27.db", SAMPLES / "llm-0.36.db"


def texts(messages):
    return [message.text for message in messages]


def changed(source, path, *statements):
    """A copy of a database with these changes."""
    shutil.copy(source, path)
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(*statement)
        database.commit()
    return path


def test_conversations_come_with_what_is_known_of_each_reply():
    lisbon, picture, hello = read_llm_logs(OLD).chats
    question, answer, *_ = lisbon.said
    assert (lisbon.session.title, lisbon.session.model) == ("What is the capital of Portugal?", "scripted")
    assert lisbon.session.system == "Be brief."
    assert texts(lisbon.session.messages) == [
        "What is the capital of Portugal?",
        "Lisbon.",
        "How many people live there?",
        "About 550,000.",
    ]
    assert (question.kept, answer.message.model) == (None, "scripted")
    assert (answer.kept.usage, answer.kept.params) == (Usage(9, 2), Params(temperature=0.2))
    assert answer.kept.seconds > 0
    assert datetime.fromtimestamp(question.at, UTC).year == 2026
    assert texts(picture.session.messages) == ["What is this?", "A red square."]
    assert texts(hello.session.messages) == ["Answer in one word.\n\nHello in Portuguese?", "Olá."]
    assert hello.session.system == "Answer in one word."


def test_a_picture_that_is_in_the_database_comes_along():
    ((picture,),) = [one.message.images for one in read_llm_logs(OLD).chats[1].said if one.message.images]
    assert (picture.mime, picture.width, picture.height) == ("image/png", 2, 2)


def test_a_picture_that_llm_left_in_its_place_is_looked_for_there(tmp_path):
    ((picture,),) = [one.message.images for one in read_llm_logs(OLD).chats[1].said if one.message.images]
    file = tmp_path / "red.png"
    file.write_bytes(picture.data)
    path = changed(NEW, tmp_path / "logs.db", ("update attachments set path = ?", [str(file)]))
    images = [
        image for chat in read_llm_logs(path).chats for one in chat.said for image in one.message.images
    ]
    assert {(image.name, image.data) for image in images} == {("red.png", picture.data)}


def test_a_picture_that_is_gone_is_told():
    imported = read_llm_logs(NEW)
    assert imported.skipped == ("attachments that are no pictures, or not there any more: 3",)
    assert "Goodbye?" in [one.message.text for chat in imported.chats for one in chat.said]


def test_a_conversation_that_went_on_as_a_thread_is_one_chat():
    chats = read_llm_logs(NEW).chats
    titles = [chat.session.title for chat in chats]
    assert len(titles) == len(set(titles)) == 6
    lisbon = chats[0]
    assert lisbon.session.title == "What is the capital of Portugal?"
    assert texts(lisbon.session.messages)[-2:] == ["And its river?", "The Tejo."]
    assert [one.message.model for one in lisbon.said if one.message.role is Role.ASSISTANT] == [
        "scripted"
    ] * 3
    assert [one.kept.params.temperature for one in lisbon.said if one.kept] == [0.2, None, None]
    assert [one.at for one in lisbon.said] == sorted(one.at for one in lisbon.said)


def test_the_answers_of_a_thread_are_branches():
    python = next(chat for chat in read_llm_logs(NEW).chats if chat.session.branches)
    question = "Answer in one word.\n\nSay it in Python"
    assert texts(python.session.messages) == [question, "```python\nprint('olá')\n```"]
    assert [texts(branch) for branch in python.session.branches] == [[question, "puts 'olá'"]]
    assert python.session.system == "You write Python."
    assert python.said[1].kept.params == Params(max_tokens=99)


def test_what_the_model_thought_is_kept_with_its_reply(tmp_path):
    thought = (
        "insert into parts (message_hash, position, type, text)"
        " select message_hash, 9, 'reasoning', 'Hm.' from parts where text = 'Adeus.'"
    )
    path = changed(NEW, tmp_path / "logs.db", (thought,))
    said = [one for chat in read_llm_logs(path).chats for one in chat.said]
    assert [one.message.text for one in said if one.kept and one.kept.reasoning == "Hm."] == ["Adeus."]


def test_what_tools_say_stays_behind(tmp_path):
    path = changed(
        NEW, tmp_path / "logs.db", ("update messages set role = 'tool' where parent_hash is null",)
    )
    imported = read_llm_logs(path)
    assert "messages to and from tools: 4" in imported.skipped


@pytest.mark.parametrize("source", [OLD, NEW])
def test_a_response_without_a_conversation_is_a_chat_of_one_turn(tmp_path, source):
    before = read_llm_logs(source)
    lone = (
        "insert into responses (id, model, prompt, system, response, options_json, datetime_utc)"
        " values (?, 'scripted', ?, 'Be brief.', ?, '{}', '2023-07-01T10:00:00')"
    )
    path = changed(
        source, tmp_path / "logs.db", (lone, ["r1", "Where?", "There."]), (lone, ["r2", "When?", "Then."])
    )
    first, second, *others = read_llm_logs(path).chats
    assert [texts(chat.session.messages) for chat in (first, second)] == [
        ["Where?", "There."],
        ["When?", "Then."],
    ]
    assert (first.session.system, first.session.model) == ("Be brief.", "scripted")
    assert first.session.id != second.session.id
    assert tuple(others) == before.chats


def test_a_database_that_has_no_attachments_yet_is_read_too(tmp_path):
    newer = ["attachments", "prompt_attachments", "fragments", "prompt_fragments", "system_fragments"]
    drops = [(f"drop table {name}",) for name in newer]
    chats = read_llm_logs(changed(OLD, tmp_path / "logs.db", *drops)).chats
    assert [chat.session.messages[0].text for chat in chats] == [
        "What is the capital of Portugal?",
        "What is this?",
        "Hello in Portuguese?",
    ]


def test_reading_leaves_the_database_as_it_is(tmp_path):
    path = tmp_path / "logs.db"
    path.write_bytes(NEW.read_bytes())
    path.chmod(0o400)
    read_llm_logs(path)
    assert [file.name for file in tmp_path.iterdir()] == ["logs.db"]
    assert path.read_bytes() == NEW.read_bytes()


def test_the_same_chat_is_known_by_its_id():
    before = {chat.origin: chat.session.id for chat in read_llm_logs(OLD).chats}
    after = {chat.origin: chat.session.id for chat in read_llm_logs(OLD).chats}
    assert before == after
    assert len(set(before.values())) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "unable to open database file"),
        (b"SQLite format 3\0 and then nothing of the kind" * 99, "file is not a database"),
        (b"", "it holds no chats as llm keeps them"),
    ],
)
def test_what_is_no_database_of_llm_is_named(tmp_path, content, words):
    path = tmp_path / "logs.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        read_llm_logs(path)
    assert error.value.message.startswith(f"{path}: ")
    assert words in error.value.message


def test_a_database_that_was_cut_short_is_named(tmp_path):
    path = tmp_path / "logs.db"
    path.write_bytes(NEW.read_bytes()[:40_000])
    with pytest.raises(UsageError, match="malformed"):
        read_llm_logs(path)


def test_a_part_that_is_no_json_is_named(tmp_path):
    path = changed(NEW, tmp_path / "logs.db", ("update parts set payload = '{' where type = 'attachment'",))
    with pytest.raises(UsageError, match=r"logs\.db, part \d+, line 1"):
        read_llm_logs(path)
