"""Homes for the tests of real processes: an empty one, and one where the embedded model's weights are."""

from pathlib import Path

import platformdirs
import pytest

from chatcli.adapters.weights import Weights
from tests.e2e.world import World


@pytest.fixture
def world(tmp_path):
    (tmp_path / "home").mkdir()
    return World.at(tmp_path / "home")


@pytest.fixture(scope="session")
def weights():
    return Weights(Path(platformdirs.user_cache_dir("chatcli", appauthor=False))).pull(
        lambda done, total: None
    )


@pytest.fixture
def toy(world, weights):
    cache = world.home / "cache"
    path = Weights(cache / "chatcli").path
    path.parent.mkdir(parents=True)
    path.symlink_to(weights)
    return world.having(XDG_CACHE_HOME=str(cache))
