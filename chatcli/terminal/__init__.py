"""What a person or a pipe sees, and what a person types; one library to a file."""
