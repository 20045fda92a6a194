"""Makes untrusted text safe for a terminal: what could steer it is shown, not obeyed.

Untrusted is everything that comes from outside: a model's reply, a server's error, a file's name.
"""

_C0 = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}  # ESC becomes ␛
_C1 = dict.fromkeys(range(0x80, 0xA0), "\ufffd")
_BIDI = dict.fromkeys((0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069), "\ufffd")
_VISIBLE = {**_C0, 0x7F: "\u2421", **_C1, **_BIDI}


def clean(text: str) -> str:
    """The text with every control character (but newline and tab) and every bidi override made visible."""
    if text.isprintable():
        return text
    return text.replace("\r\n", "\n").translate(_VISIBLE)


def one_line(text: str) -> str:
    """Clean, with all white space folded: for messages, titles and names."""
    return clean(" ".join(text.split()))
