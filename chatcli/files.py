"""The files that commands read: texts, pictures, and the paths that could be typed."""

from collections.abc import Sequence

from chatcli.core.messages import Image
from chatcli.env import Env
from chatcli.errors import UsageError
from chatcli.inputs import text_of


class LocalFiles:
    """Files as seen from the working directory of ``env``; texts are read in ``encoding``."""

    def __init__(self, env: Env, encoding: str) -> None:
        self._env = env
        self._encoding = encoding

    def found(self, pattern: str) -> Sequence[str]:
        """The files that a name or a pattern stands for."""
        return sorted(str(path.relative_to(self._env.cwd)) for path in self._env.cwd.glob(pattern))

    def text(self, name: str) -> str:
        """What is in a file. Raises UsageError."""
        return text_of(name, self._env, self._encoding)

    def image(self, name: str) -> Image:
        """The picture that a file is. Raises UsageError."""
        raise UsageError(f"{name} is no picture.")

    def offers(self, typed: str) -> Sequence[str]:
        """Paths that begin like this."""
        return self.found(f"{typed}*")
