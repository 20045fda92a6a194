"""The code in a reply: blocks as CommonMark sees them, their source exactly."""

from collections.abc import Sequence

from markdown_it import MarkdownIt

from chatcli.core.code import CodeBlock


def code_blocks(text: str) -> Sequence[CodeBlock]:
    """The blocks of code, first to last, also those inside of lists and quotes."""
    tokens = MarkdownIt("commonmark").parse(text)
    return [
        CodeBlock(token.info.split(maxsplit=1)[0] if token.info.strip() else "", token.content)
        for token in tokens
        if token.type in {"fence", "code_block"}
    ]
