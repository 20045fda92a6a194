"""Every setting, and where its value comes from.

settings.py   the one table, from which flags, variables, config keys and the documentation are grown
values.py     what was given where, and which of it holds
models.py     the models that the config file adds or corrects
themes.py     the themes that it adds
resolve.py    looks in all the places
endpoint.py   where requests go, and which key goes there
text.py       settings as text: ``config show``, the file that ``config edit`` begins with
"""
