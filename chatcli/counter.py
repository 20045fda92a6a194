"""``chatcli tokens``: how many tokens texts have, and what they would cost as a prompt."""

from collections.abc import Sequence

from chatcli.core.messages import Usage
from chatcli.core.money import cost
from chatcli.core.session import Session
from chatcli.core.tally import Tally, tally_lines
from chatcli.env import Env
from chatcli.inputs import STDIN, text_of
from chatcli.models import Models


class Counter:
    """Counts as the model of ``session`` would; ``priced`` says that somebody wants to know the cost."""

    def __init__(self, env: Env, encoding: str, models: Models, session: Session, *, priced: bool) -> None:
        self._env = env
        self._encoding = encoding
        self._models = models
        self._session = session
        self._priced = priced

    def count(self, files: Sequence[str]) -> str:
        """A line for each file, or for standard input, as ``wc`` would print it."""
        tallies = [self._tally(name if files else "", name) for name in files or [STDIN]]
        return tally_lines(tallies, exact=self._models.exact(self._session))

    def _tally(self, title: str, name: str) -> Tally:
        tokens = self._models.count(self._session, text_of(name, self._env, self._encoding))
        price = self._models.capacity(self._session).price if self._priced else None
        return Tally(title, tokens, cost(price, Usage(tokens, 0)))
