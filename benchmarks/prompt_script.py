"""The least that prompts: the floor under the first prompt and under the echo of a key."""

from prompt_toolkit import PromptSession

session = PromptSession("> ")
while True:
    line = session.prompt()
    if line == "exit":
        break
    print(line)
