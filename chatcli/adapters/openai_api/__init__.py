"""A ``ChatModel`` over the openai SDK: the only place where it, and its errors, are seen.

model.py   the endpoint: one client, one connection, what has been told
call.py    one request and its reply, which can be hung up from any thread
words.py   the SDK's errors and its transport's, in our words

The SDK brings the connection, the authentication and the errors of a status. The body of an answer is read
as bytes, by core.wire.body: the SDK's typed reader costs twenty times as much a piece, and does not notice most
of what can go wrong in one.
"""
