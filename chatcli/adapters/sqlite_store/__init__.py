"""Sessions in an SQLite database: what it looks like, what is written and read, what is looked for."""
