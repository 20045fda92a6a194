import pytest

from chatcli.core.wire.faults import Said, fault, retry_after
from chatcli.errors import AuthError, BrokenReply, RateLimited, Rejected, TooLong, Unreachable

ADDRESS = "Check the base URL: most end in /v1."


def said(message="", **fields):
    return {"error": {"message": message} | fields}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ({"detail": "No."}, "No."),
        ({"object": "error", "message": "No."}, "No."),
        ({"error_description": "No."}, "No."),
        ({"title": "No."}, "No."),
        ({"message": "", "detail": "No."}, "No."),
        ("No.", "No."),
        ("two\nlines\tand  more", "two lines and more"),
        ("<html>No.</html>", ""),
        ({"message": 7}, ""),
        ({}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_words_are_found_in_every_shape_that_servers_use(body, message):
    assert Said.of(body).message == message


def test_the_complaints_of_a_validator_are_listed_with_their_places():
    body = {
        "detail": [
            {"loc": ["body", "temperature"], "msg": "must be below 2"},
            {"loc": ["body", "messages", 0], "msg": "is empty"},
            {"msg": "no place"},
            "no object",
        ]
    }

    assert Said.of(body).message == "temperature: must be below 2; messages.0: is empty; no place"


def test_endless_words_are_cut():
    assert Said.of("x" * 10_000).message == "x" * 299 + "…"


def test_fields_of_another_type_are_left_out():
    body = said("No.", code=400, type=None, param=["x"], n_ctx=True, n_prompt_tokens="7")

    assert Said.of(body) == Said(message="No.")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message", "hint"),
    [
        (
            401,
            said("Bad key"),
            AuthError,
            "The server rejected the API key: Bad key.",
            "Check the key; chatcli config show tells where it came from.",
        ),
        (
            401,
            None,
            AuthError,
            "The server rejected the API key.",
            "Check the key; chatcli config show tells where it came from.",
        ),
        (
            403,
            said("Not in your region"),
            AuthError,
            "The server denies access: Not in your region.",
            "Check the key, the project and the region.",
        ),
        (
            404,
            said("The model 'x' does not exist"),
            Rejected,
            "The model 'x' does not exist.",
            "Choose another model with --model NAME or /model NAME.",
        ),
        (404, "<html>Not found</html>", Rejected, "There is no chat API at this address (404).", ADDRESS),
        (404, None, Rejected, "There is no chat API at this address (404).", ADDRESS),
        (
            404,
            said("This model is only supported in v1/responses"),
            Rejected,
            "This model does not answer on Chat Completions, the API that chatcli speaks.",
            "Choose another: the *-pro and *-codex models answer on the Responses API only.",
        ),
        (
            429,
            said("Limit 3 a minute", code="rate_limit_exceeded"),
            RateLimited,
            "Too many requests: Limit 3 a minute.",
            "Wait a little, then try again.",
        ),
        (
            429,
            said("You exceeded your quota", code="insufficient_quota"),
            Rejected,
            "The account behind this key has no credit left.",
            "You exceeded your quota",
        ),
        (
            429,
            said(type="insufficient_quota"),
            Rejected,
            "The account behind this key has no credit left.",
            "See the provider's billing page.",
        ),
        (408, None, Unreachable, "The server gave up on it (408).", "Try again."),
        (409, said("Locked"), Unreachable, "The server gave up on it (409): Locked.", "Try again."),
        (500, said("Oops"), Unreachable, "The server failed (500): Oops.", "Try again later."),
        (502, "<html>Bad gateway</html>", Unreachable, "The server failed (502).", "Try again later."),
        (529, said("Overloaded"), Unreachable, "The server failed (529): Overloaded.", "Try again later."),
        (
            302,
            None,
            Rejected,
            "The server redirects (302) in place of an answer.",
            ADDRESS,
        ),
        (400, "<!doctype html>", Rejected, "The server answered with a web page (400).", ADDRESS),
        (400, None, Rejected, "The server refused the request (400).", ""),
        (
            400,
            said("temperature must be below 1", param="temperature"),
            Rejected,
            "temperature must be below 1.",
            'The parameter is "temperature"; /unset or leave out its flag to send none.',
        ),
        (
            422,
            {"detail": [{"loc": ["body", "top_p"], "msg": "Input should be below 1"}]},
            Rejected,
            "top_p: Input should be below 1.",
            "",
        ),
    ],
)
def test_every_status_becomes_a_sentence_and_an_advice(status, body, kind, message, hint):
    error = fault(status, body, {})

    assert (type(error), error.message, error.hint) == (kind, message, hint)


@pytest.mark.parametrize(
    ("body", "window", "tokens"),
    [
        (said("x", type="exceed_context_size_error", n_prompt_tokens=1035, n_ctx=512), 512, 1035),
        (
            said(
                "This model's maximum context length is 128000 tokens. However, your messages resulted in "
                "130,213 tokens.",
                code="context_length_exceeded",
            ),
            128_000,
            130_213,
        ),
        (
            {
                "object": "error",
                "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 "
                "tokens (4000 in the messages, 1000 in the completion).",
            },
            4096,
            5000,
        ),
        (said("the request exceeds the context of the model"), None, None),
    ],
)
def test_an_overflow_tells_the_window_and_the_count_where_the_server_does(body, window, tokens):
    error = fault(400, body, {})

    assert isinstance(error, TooLong)
    assert (error.window, error.prompt_tokens) == (window, tokens)


def test_an_overflow_shows_both_numbers():
    error = fault(400, said("x", type="exceed_context_size_error", n_prompt_tokens=1035, n_ctx=512), {})

    assert error.message == "1,035 tokens do not fit into the context window of 512."


def test_a_body_that_is_too_large_for_the_server_is_an_overflow():
    assert isinstance(fault(413, "<html>", {}), TooLong)


def test_a_small_number_in_the_words_is_no_window():
    assert fault(400, said("maximum context length reached after 3 messages"), {}).window is None


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_what_may_pass_is_worth_another_try(status):
    assert fault(status, None, {}).retryable


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 413, 422])
def test_what_stays_as_it_is_is_not_tried_again(status):
    assert not fault(status, None, {}).retryable


def test_the_server_knows_best_whether_to_try_again():
    assert fault(400, None, {"x-should-retry": "true"}).retryable
    assert not fault(503, None, {"x-should-retry": "false"}).retryable


def test_an_empty_account_is_never_tried_again():
    body = said("No credit", code="insufficient_quota")

    error = fault(429, body, {"x-should-retry": "true", "retry-after": "1"})

    assert (error.retryable, error.retry_after) == (False, None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 50.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Thu, 99 Jan 1970 00:00:01 GMT"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_how_long_to_wait_is_read_in_all_three_forms(headers, seconds):
    assert retry_after(headers, now=10.0) == seconds
    assert fault(503, None, headers, now=10.0).retry_after == seconds


def test_an_error_inside_a_stream_has_broken_the_reply():
    error = fault(None, said("Overloaded"))

    assert isinstance(error, BrokenReply)
    assert (error.message, error.hint) == ("The server broke off with an error: Overloaded.", "Try again.")


def test_a_rate_limit_inside_a_stream_is_a_rate_limit():
    error = fault(None, said("Slow down", type="rate_limit_error"))

    assert isinstance(error, RateLimited)
    assert error.retryable
