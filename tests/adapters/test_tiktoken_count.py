import base64
import hashlib
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import chatcli
from chatcli.adapters.tiktoken_count import TiktokenCount

O200K = TiktokenCount("o200k_base")
CL100K = TiktokenCount("cl100k_base")

OFFICIAL_SHA256 = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}


def official_text(encoding):
    packed = (Path(chatcli.__file__).parent / "data" / f"{encoding}.sep.z").read_bytes()
    tokens = zlib.decompress(packed).split(b"\xff\xfe\xfd")
    return b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(tokens))


@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
def test_the_shipped_vocabulary_is_the_official_one(encoding):
    assert hashlib.sha256(official_text(encoding)).hexdigest() == OFFICIAL_SHA256[encoding]


TELLING = [
    "I'LL it's WE'VE don't O'Neill",
    "1234567 291417776317 3.14159 ١٢٣",
    "def f(x):\n\treturn  x  # ok\r\n\r\n  \n",
    "trailing   ",
    "ÉCOLE naïve façade 漢字かな 한국어 עברית",
    "😀👨\u200d👩\u200d👧 e\u0301 //// ''' !!!\n/",
    "camelCaseAndHTMLText SHOUTING",
]

ITSELF = """
import json, sys, tiktoken
encoding = tiktoken.get_encoding(sys.argv[1])
json.dump([len(encoding.encode_ordinary(text)) for text in json.load(sys.stdin)], sys.stdout)
"""


@pytest.mark.parametrize(("counter", "encoding"), [(O200K, "o200k_base"), (CL100K, "cl100k_base")])
def test_tiktoken_itself_counts_the_same_with_the_official_text_in_its_cache(counter, encoding, tmp_path):
    cached_as = {
        "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
        "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    }
    (tmp_path / cached_as[encoding]).write_bytes(official_text(encoding))
    nowhere = {"https_proxy": "http://127.0.0.1:9", "TIKTOKEN_CACHE_DIR": str(tmp_path)}
    counted = subprocess.run(
        [sys.executable, "-c", ITSELF, encoding],
        input=json.dumps(TELLING),
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [counter.count(text) for text in TELLING] == json.loads(counted.stdout)


COOKBOOK = """\
system||You are a helpful, pattern-following assistant that translates corporate jargon into plain English.
system|example_user|New synergies will help drive top-line growth.
system|example_assistant|Things working well together will increase revenue.
system|example_user|Let's circle back when we have more bandwidth to touch base on opportunities \
for increased leverage.
system|example_assistant|Let's talk later when we're less busy about how to do better.
user||This late pivot means we don't have time to boil the ocean for the client deliverable.
"""


@pytest.mark.parametrize(("counter", "tokens"), [(O200K, 124), (CL100K, 129)])
def test_the_cookbooks_example_chat_has_the_tokens_that_the_api_counts(counter, tokens):
    messages = [line.split("|") for line in COOKBOOK.splitlines()]
    names = sum(1 for _, name, _ in messages if name)
    texts = sum(counter.count(text) for message in messages for text in message)
    assert 3 * len(messages) + names + texts + 3 == tokens


@pytest.mark.parametrize("counter", [O200K, CL100K])
def test_every_role_is_one_token(counter):
    assert [counter.count(role) for role in ("system", "user", "assistant")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("hello world", 2),
        ("<|endoftext|>", 7),
        ("tiktoken is great!", 6),
        ("😀", 1),
        ("\ud83d", 1),
        ("a\udcffb", 3),
    ],
)
def test_text_is_text_whatever_it_spells(text, tokens):
    assert O200K.count(text) == tokens


@pytest.mark.parametrize("counter", [O200K, CL100K])
@pytest.mark.parametrize("space", [" ", "\t", "\xa0", "\n", " \t", "\u2003"])
def test_a_million_spaces_are_counted(counter, space):
    text = f"x{space * 1_000_000}y"
    assert 1_000 < counter.count(text) <= len(text.encode())


def test_a_run_of_spaces_costs_nearly_the_same_in_pieces():
    whole = len(O200K._encoding.encode_ordinary(" " * 900_000))
    assert whole <= O200K.count(" " * 900_000) <= whole + 9


def test_long_text_with_ordinary_spaces_is_counted_in_one_piece():
    text = "Once upon a time,\n\n" * 10_000 + "x" + " " * 100_000
    assert O200K.count(text) == len(O200K._encoding.encode_ordinary(text))


@given(st.text(st.characters(categories=None)))
@example("\ud83d\ude00")
@example("e\u0301" * 50)
def test_a_text_never_has_more_tokens_than_bytes(text):
    for counter in (O200K, CL100K):
        assert counter.count(text) <= len(text.encode("utf-8", "surrogatepass"))


def test_an_encoding_that_is_not_shipped_is_refused():
    with pytest.raises(FileNotFoundError):
        TiktokenCount("r50k_base")
