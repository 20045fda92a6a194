import pytest

from chatcli.core.kinds import Choice, Names, Number, Schema, Switch, Text, Texts, Whole, as_text

NUMBER = Number(0, 2)
WHOLE = Whole(1)
CHOICE = Choice(("low", "high"))
SWITCH = Switch()
TEXT = Text("a name")
TEXTS = Texts(2)
SCHEMA = Schema()


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (NUMBER, "0.7", 0.7),
        (NUMBER, " 2 ", 2.0),
        (NUMBER, "1e-1", 0.1),
        (WHOLE, "4096", 4096),
        (WHOLE, "4,096", 4096),
        (WHOLE, "4_096", 4096),
        (Whole(-5), "-5", -5),
        (CHOICE, " High", "high"),
        (SWITCH, "ON", True),
        (SWITCH, "yes", True),
        (SWITCH, "0", False),
        (SWITCH, " false ", False),
        (TEXT, " as it is ", " as it is "),
        (TEXTS, "END", ("END",)),
        (TEXTS, r"\n\n|\tEND", ("\n\n", "\tEND")),
        (SCHEMA, '{\n  "type": "object",\n  "title": "Größe"\n}\n', '{"type":"object","title":"Größe"}'),
    ],
)
def test_what_is_typed_becomes_a_value(kind, typed, value):
    assert kind.read(typed) == value
    assert type(kind.read(typed)) is type(value)


@pytest.mark.parametrize(
    ("kind", "typed", "must_be"),
    [
        (NUMBER, "2.1", "a number from 0 to 2"),
        (NUMBER, "-0.1", "a number from 0 to 2"),
        (NUMBER, "nan", "a number from 0 to 2"),
        (NUMBER, "inf", "a number from 0 to 2"),
        (NUMBER, "warm", "a number from 0 to 2"),
        (NUMBER, "", "a number from 0 to 2"),
        (WHOLE, "0", "a whole number, 1 or more"),
        (WHOLE, "1.5", "a whole number, 1 or more"),
        (WHOLE, str(2**63), "a whole number, 1 or more"),
        (Whole(-(2**63)), "some", "a whole number"),
        (CHOICE, "middle", "one of low, high"),
        (SWITCH, "perhaps", "on or off"),
        (TEXTS, "", "1 to 2 texts with | between them"),
        (TEXTS, "a||b", "1 to 2 texts with | between them"),
        (TEXTS, "a|b|c", "1 to 2 texts with | between them"),
        (SCHEMA, "", "a JSON schema"),
        (SCHEMA, "city.json", "a JSON schema"),
        (SCHEMA, "[" * 100_000, "a JSON schema"),
        (SCHEMA, r'{"title": "\ud800"}', "a JSON schema"),
        (SCHEMA, "[]", "a JSON schema, which is an object"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_it_must_be(kind, typed, must_be):
    with pytest.raises(ValueError) as refused:
        kind.read(typed)
    assert str(refused.value) == must_be


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (NUMBER, 1, 1.0),
        (NUMBER, 0.5, 0.5),
        (WHOLE, 7, 7),
        (CHOICE, "low", "low"),
        (SWITCH, True, True),
        (TEXT, "x", "x"),
        (TEXTS, "END", ("END",)),
        (TEXTS, ["a", "b"], ("a", "b")),
        (SCHEMA, "{ }", "{}"),
    ],
)
def test_what_a_toml_file_holds_becomes_a_value(kind, raw, value):
    assert kind.check(raw) == value
    assert type(kind.check(raw)) is type(value)


@pytest.mark.parametrize(
    ("kind", "raw", "must_be"),
    [
        (NUMBER, "1", "a number from 0 to 2"),
        (NUMBER, True, "a number from 0 to 2"),
        (NUMBER, float("nan"), "a number from 0 to 2"),
        (WHOLE, 1.0, "a whole number, 1 or more"),
        (WHOLE, True, "a whole number, 1 or more"),
        (CHOICE, "HIGH", "one of low, high"),
        (CHOICE, ["low"], "one of low, high"),
        (SWITCH, "on", "true or false"),
        (SWITCH, 1, "true or false"),
        (TEXT, 1, "a name, in quotes"),
        (TEXTS, [], "a list of 1 to 2 texts"),
        (TEXTS, ["a", 1], "a list of 1 to 2 texts"),
        (TEXTS, {"a": "b"}, "a list of 1 to 2 texts"),
        (SCHEMA, {"type": "object"}, "a JSON schema, in quotes"),
    ],
)
def test_a_toml_value_of_another_type_is_refused(kind, raw, must_be):
    with pytest.raises(ValueError) as refused:
        kind.check(raw)
    assert str(refused.value) == must_be


NAMES = Names(("model", "cost"))


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("cost", ("cost",)),
        ("Cost, model", ("cost", "model")),
        ("model|cost", ("model", "cost")),
        (" model  cost ", ("model", "cost")),
        ("off", ()),
    ],
)
def test_names_are_typed_with_anything_between_them_and_off_is_none_of_them(typed, value):
    assert NAMES.read(typed) == NAMES.check(list(value)) == NAMES.read(as_text(value)) == value


@pytest.mark.parametrize("raw", ["", "modle", "model off", ["off"], [1], 1, {"model": 1}])
def test_what_is_none_of_the_names_is_refused(raw):
    with pytest.raises(ValueError, match="off, or some of model, cost"):
        NAMES.check(raw)
