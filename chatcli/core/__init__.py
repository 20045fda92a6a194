"""What a conversation is: values and rules. Standard library only; no I/O, no clock, no print."""
