import pytest

from chatcli.core.wire.refusals import Refusal, refusal, refuses_images

SENT = ["model", "messages", "stream", "stream_options", "max_tokens", "temperature", "top_p"]


def said(message, code=None, param=None):
    return {"error": {"message": message, "type": "invalid_request_error", "code": code, "param": param}}


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (
            400,
            said(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "unsupported_parameter",
                "max_tokens",
            ),
            Refusal("max_tokens", "max_completion_tokens"),
        ),
        (
            400,
            said(
                "Unsupported value: 'temperature' does not support 0.2 with this model. "
                "Only the default (1) value is supported.",
                "unsupported_value",
                "temperature",
            ),
            Refusal("temperature"),
        ),
        (
            400,
            said(
                "Your organization must be verified to stream this model.",
                "unsupported_value",
                param="stream",
            ),
            Refusal("stream"),
        ),
        (
            400,
            said("No such thing.", "unknown_parameter", "stream_options.include_usage"),
            Refusal("stream_options"),
        ),
        (400, said("Unrecognized request argument supplied: stream_options"), Refusal("stream_options")),
        (400, {"error": 'json: unknown field "top_p"'}, Refusal("top_p")),
        (400, {"message": "Unsupported parameter(s): `top_p`"}, Refusal("top_p")),
        (
            422,
            {"detail": [{"loc": ["body", "top_p"], "msg": "Extra inputs are not permitted"}]},
            Refusal("top_p"),
        ),
        (
            422,
            {"detail": "create() got an unexpected keyword argument 'temperature'"},
            Refusal("temperature"),
        ),
    ],
)
def test_the_server_names_what_it_refuses(status, body, refused):
    assert refusal(status, body, SENT) == refused


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, said("temperature must be between 0 and 2", "invalid_value", "temperature")),
        (400, said("Unsupported parameter: 'seed'", "unsupported_parameter", "seed")),
        (400, said("Unsupported value: 'messages[0].role'", "unsupported_value", "messages[0].role")),
        (400, said("Unsupported model", "unsupported_value", "model")),
        (400, said("Unsupported country")),
        (400, None),
        (401, said("Unsupported parameter: 'top_p'", "unsupported_parameter", "top_p")),
        (500, said("Unsupported parameter: 'top_p'", "unsupported_parameter", "top_p")),
        (None, said("Unsupported parameter: 'top_p'", "unsupported_parameter", "top_p")),
    ],
)
def test_any_other_complaint_refuses_no_parameter(status, body):
    assert refusal(status, body, SENT) is None


def test_the_longest_name_in_the_words_is_meant():
    body = said("Unsupported parameter: with stream, stream_options")

    assert refusal(400, body, SENT) == Refusal("stream_options")


def test_a_name_inside_another_is_not_that_name():
    assert refusal(400, said("Unsupported parameter: top_p_scale"), SENT) is None


def test_two_names_never_take_turns():
    body = said("Unsupported parameter: max_completion_tokens. Use 'max_tokens' instead.")

    assert refusal(400, body, ["max_completion_tokens"]) == Refusal("max_completion_tokens", "max_tokens")
    assert refusal(400, body, ["max_completion_tokens"], {"max_tokens"}) == Refusal("max_completion_tokens")
    assert refusal(400, body, ["max_completion_tokens", "max_tokens"]) == Refusal("max_completion_tokens")


@pytest.mark.parametrize(
    "body",
    [
        said("Invalid content type. image_url is only supported by certain models."),
        said("image input is not supported - hint: you may need to provide the mmproj"),
        said("image input is not supported by this server"),
        said('Failed to parse messages: Unsupported content part type: "image_url"; messages = []'),
        said("this model does not support image input (ref: 0815)"),
        said("this model is missing data required for image input"),
        said("Model does not support images. Please use a model that does."),
        said("No endpoints found that support image input"),
        said("llama is not a multimodal model"),
        said("At most 0 image(s) may be provided in one request."),
        said("Failed to deserialize: messages[0]: unknown variant `image_url`, expected `text` at line 1"),
        said("'messages.0' : for 'role:user': ('messages.0.content' : value must be a string)"),
        {"error": "this model does not support image input"},
        {"detail": "Image input is not enabled for this model"},
    ],
)
def test_a_refusal_of_images_is_known_by_its_words(body):
    assert refuses_images(body)


@pytest.mark.parametrize(
    "body",
    [
        said("You uploaded an unsupported image. Please make sure your image is valid."),
        said("Unsupported value: 'temperature' does not support 0.2 with this model."),
        said("Invalid 'messages[0].content[1].image_url.url': the image is larger than 20 MB."),
        said("The model `gpt-7-vision` does not exist"),
        "",
        None,
    ],
)
def test_a_complaint_of_something_else_is_no_refusal_of_images(body):
    assert not refuses_images(body)
