"""The editor: any command line that takes a file."""

import os
import shlex
import sys

import pytest

from chatcli.adapters.editor import edit


def test_an_editor_may_have_arguments_and_blanks_in_its_path(tmp_path):
    file, editor = tmp_path / "a text.md", tmp_path / "my editor"
    editor.write_text('#!/bin/sh\n[ "$1" = --wait ] && echo edited >> "$2"\n')
    editor.chmod(0o755)
    file.write_text("text\n")
    edit(f"{shlex.quote(os.fspath(editor))} --wait", file)
    assert file.read_text() == "text\nedited\n"


@pytest.mark.parametrize(
    ("editor", "reason"),
    [
        (f"{sys.executable} -c 'raise SystemExit(3)'", "ended with status 3"),
        ("no-such-editor -w", "there is no editor 'no-such-editor -w'"),
        ("vi 'open", "No closing quotation"),
        ("/", "ermission"),
    ],
)
def test_an_editor_that_fails_says_why(tmp_path, editor, reason):
    with pytest.raises(OSError, match=reason):
        edit(editor, tmp_path / "text.md")
