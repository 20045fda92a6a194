"""A ``ChatModel`` over the openai SDK: the only place where it, and its errors, are seen.

line.py    the endpoint: one client, one connection that can be hung up, what it has told us
call.py    one request and its reply, which can be closed from any thread
words.py   the SDK's errors and its transport's, in our words
model.py   the model at the other end of a line

The SDK brings the connection, the authentication and the errors of a status. The body of an answer is
read as bytes, by core.wire.body: the SDK's typed reader costs twenty times as much a piece, and does not
notice most of what can go wrong in one.
"""
