"""The prompt: prompt_toolkit's line editor with a shell's hands."""
