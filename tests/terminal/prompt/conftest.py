"""A keyboard for prompts."""

import pytest
from prompt_toolkit.input import create_pipe_input


@pytest.fixture
def pipe():
    with create_pipe_input() as pipe:
        yield pipe
