"""What servers say, read without trust: bytes and JSON in, our own values out.

body.py         the body of one answer, whatever came: bytes in, chunks out
sse.py          server-sent events
completion.py   Chat Completions as they really arrive
faults.py       what a server says when it will not answer
refusals.py     which parameter it refuses, and what takes its place
windows.py      what it tells of context windows and counts
"""
