"""Chat with a language model from the shell: a REPL, a one-shot filter, a scriptable pipe."""

__version__ = "0.1.0"
