"""Reads YAML that another program has written."""

import yaml

from chatcli.core.interchange.reader import broken


def parse_yaml(text: str, place: str) -> object:
    """What the YAML says, each scalar as the text that it is: ``12:30`` is no number, and ``no`` is a word.

    Raises:
        UsageError: It is no YAML; it names the place.
    """
    try:
        # Not the loader in C: it is faster, and crashes on brackets that are nested deeply enough.
        return yaml.load(text, yaml.BaseLoader)  # noqa: S506 it makes texts, lists and dicts, nothing else
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise broken(f"{place}{line}", f"this is no YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise broken(place, "this is no YAML that can be read") from error
