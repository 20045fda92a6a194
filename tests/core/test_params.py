import json

import pytest

from chatcli.core.params import PARAMS, Params


def test_every_parameter_of_the_table_is_a_field_and_no_other_is():
    assert list(PARAMS) == list(Params._fields)


def test_what_was_never_set_is_not_given():
    assert Params().given() == {}


def test_what_was_set_is_given_in_the_order_of_the_table():
    params = Params(stop=("END",), max_tokens=256, temperature=0.0)
    assert list(params.given().items()) == [("temperature", 0.0), ("max_tokens", 256), ("stop", ("END",))]


def test_a_parameter_is_set_and_unset_in_a_new_value():
    cold = Params().having("temperature", 0.2)
    assert cold == Params(temperature=0.2)
    assert cold.having("temperature", None) == Params()
    assert cold == Params(temperature=0.2)


@pytest.mark.parametrize("name", PARAMS)
def test_every_offered_choice_is_one_that_is_taken(name):
    kind = PARAMS[name].kind
    for choice in kind.choices:
        assert Params().having(name, kind.read(choice)).given() == {name: kind.read(choice)}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("temperature", "2", 2.0),
        ("top_p", "1", 1.0),
        ("max_tokens", "1", 1),
        ("stop", "a|b|c|d", ("a", "b", "c", "d")),
        ("seed", "-7", -7),
        ("presence_penalty", "-2", -2.0),
        ("frequency_penalty", "-2", -2.0),
        ("reasoning_effort", "minimal", "minimal"),
        ("response_format", "json_object", "json_object"),
        ("json_schema", '{"type": "object"}', '{"type":"object"}'),
    ],
)
def test_each_parameter_takes_what_the_api_takes(name, typed, value):
    assert PARAMS[name].kind.read(typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("temperature", "2.01"),
        ("top_p", "1.01"),
        ("max_tokens", "0"),
        ("stop", "a|b|c|d|e"),
        ("seed", "0.5"),
        ("presence_penalty", "-2.01"),
        ("frequency_penalty", "2.01"),
        ("reasoning_effort", "hard"),
        ("response_format", "xml"),
        ("json_schema", "[]"),
    ],
)
def test_each_parameter_refuses_what_the_api_refuses(name, typed):
    with pytest.raises(ValueError):
        PARAMS[name].kind.read(typed)


def test_json_mode_is_sent_in_the_shape_of_the_api():
    assert Params(response_format="json_object").sent() == {"response_format": {"type": "json_object"}}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "reply"),
        ("City", "City"),
        ("A city, and more!", "A_city_and_more"),
        ("市", "reply"),
        ("x" * 99, "x" * 64),
    ],
)
def test_a_schema_is_sent_as_a_strict_response_format_and_under_a_name_that_the_api_takes(title, name):
    schema = {"title": title, "type": "object"}
    params = Params(0.5, response_format="text", json_schema=json.dumps(schema))
    assert params.sent() == {
        "temperature": 0.5,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": name, "schema": schema, "strict": True},
        },
    }
