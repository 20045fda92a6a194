"""The clipboard, by tools that are small programs of the test's own."""

import os

import pytest

from chatcli.adapters.pasted import pasted
from chatcli.errors import ChatcliError


@pytest.fixture
def world(tmp_path):
    """An environment in which these programs are all that there is."""

    def made(variables=(), **programs):
        for name, script in programs.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        return {"PATH": str(tmp_path), **dict.fromkeys(variables, ":0")}

    return made


def test_what_is_on_the_clipboard_is_given_byte_by_byte(world):
    environ = world(["WAYLAND_DISPLAY"], wl_paste=r'[ "$1" = --no-newline ] && printf "a\r\n\000\377"')
    assert pasted(environ) == b"a\r\n\0\xff"


def test_a_tool_is_asked_only_where_it_has_a_clipboard(world):
    programs = {"wl_paste": "echo wayland", "xclip": "echo x11", "pbpaste": "exit 1"}
    assert pasted(world(["WAYLAND_DISPLAY"], **programs)) == b"wayland\n"
    assert pasted(world(["DISPLAY"], **programs)) == b"x11\n"


def test_a_picture_is_asked_for_where_there_is_no_text(world):
    assert pasted(world(["DISPLAY"], xclip='[ "$4" = image/png ] && echo PNG')) == b"PNG\n"


def test_the_next_tool_is_asked_where_one_fails(world):
    environ = world(["WAYLAND_DISPLAY", "DISPLAY"], wl_paste="echo no; exit 1", xclip="echo yes")
    assert pasted(environ) == b"yes\n"


def test_in_tmux_its_buffer_will_do(world):
    programs = {"tmux": '[ "$1 $2" = "save-buffer -" ] && echo buffer', "xclip": "exit 1"}
    assert pasted(world(["TMUX", "DISPLAY"], **programs)) == b"buffer\n"


def test_an_empty_clipboard_is_told(world):
    with pytest.raises(ChatcliError) as refused:
        pasted(world(["WAYLAND_DISPLAY"], wl_paste="exit 1"))
    assert refused.value.message == "The clipboard is empty."


def test_where_nothing_reads_the_clipboard_it_says_what_would(world):
    with pytest.raises(ChatcliError) as refused:
        pasted(world(wl_paste="echo hidden"))
    assert refused.value.message == "There is no program that reads the clipboard."
    assert "wl-clipboard" in refused.value.hint


def test_without_a_path_there_is_no_program():
    with pytest.raises(ChatcliError):
        pasted({"DISPLAY": os.environ.get("DISPLAY", ":0")})
