"""The clipboard: tools that are small scripts here, and a terminal that is a list."""

import base64
import os

import pytest

from chatcli.adapters.clipboard import copy
from chatcli.errors import ChatcliError

TERMINAL = "through the terminal, if it lets programs copy"


@pytest.fixture
def tools(tmp_path):
    """Puts a tool on an otherwise empty path; it keeps in a file what it takes."""

    def tool(name, script='cat > "$TAKEN"'):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\nPATH={os.environ['PATH']}\n{script}\n")
        path.chmod(0o755)

    tool.environ = {"PATH": str(tmp_path), "TAKEN": str(tmp_path / "taken")}
    tool.taken = tmp_path / "taken"
    return tool


@pytest.mark.parametrize(
    ("name", "environ"),
    [
        ("pbcopy", {}),
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("xclip", {"DISPLAY": ":0"}),
        ("xsel", {"DISPLAY": ":0"}),
        ("termux-clipboard-set", {}),
        ("tmux", {"TMUX": "/tmp/tmux-0/default,1,0"}),
    ],
)
def test_a_tool_that_can_work_takes_the_text_exactly(tools, name, environ):
    tools(name)
    said = []
    assert copy("größer\n", environ={**tools.environ, **environ}, write=said.append) == f"with {name}"
    assert (tools.taken.read_bytes(), said) == ("größer\n".encode(), [])


def test_windows_is_told_the_encoding(tools):
    tools("clip.exe")
    copy("größer", environ={**tools.environ, "WSL_DISTRO_NAME": "Debian"}, write=None)
    assert tools.taken.read_bytes().decode("utf-16") == "größer"


@pytest.mark.parametrize("name", ["wl-copy", "xclip", "xsel", "clip.exe", "tmux"])
def test_a_tool_that_cannot_work_here_is_not_asked(tools, name):
    tools(name)
    assert copy("x", environ=tools.environ, write=[].append) == TERMINAL
    assert not tools.taken.exists()


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$"])
def test_a_tool_that_fails_leaves_it_to_the_next(tools, script):
    tools("wl-copy", script)
    tools("xclip")
    environ = {**tools.environ, "WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    assert copy("x", environ=environ, write=None) == "with xclip"


def test_a_tool_stays_when_ctrl_c_is_pressed(tools):
    tools("xclip", 'ps -o sid= -p $$ > "$TAKEN"')
    copy("x", environ={**tools.environ, "DISPLAY": ":0"}, write=None)
    assert int(tools.taken.read_text()) != os.getsid(0)


def test_without_a_tool_the_terminal_is_asked():
    said = []
    assert copy("größer\n", environ={"PATH": ""}, write=said.append) == TERMINAL
    [request] = said
    assert base64.b64decode(request.removeprefix("\x1b]52;c;").removesuffix("\x1b\\")).decode() == "größer\n"


def test_what_is_too_long_for_a_terminal_is_not_dropped_in_silence():
    said = []
    copy("x" * 75_000, environ={}, write=said.append)
    with pytest.raises(ChatcliError, match="too long for the terminal's clipboard, which takes 75,000 bytes"):
        copy("x" * 75_001, environ={}, write=said.append)
    assert len(said) == 1


def test_where_there_is_no_terminal_either_it_says_so():
    with pytest.raises(ChatcliError, match="There is no clipboard here"):
        copy("x", environ={}, write=None)
