"""The least that streams a reply: the floor under a question asked from the shell."""

import sys

from openai import OpenAI

model, question = sys.argv[1:]
stream = OpenAI().chat.completions.create(
    model=model, messages=[{"role": "user", "content": question}], stream=True
)
for chunk in stream:
    if chunk.choices and (text := chunk.choices[0].delta.content):
        print(text, end="", flush=True)
print()
