"""A reply on the screen: Markdown drawn while it streams. What is finished is printed once, and for good."""
