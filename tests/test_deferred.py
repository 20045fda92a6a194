"""Costly values are built once, when somebody needs them."""

import gc
import threading

import pytest

from chatcli.deferred import Deferred, collect_garbage, warm


def test_nothing_is_built_before_it_is_needed_and_then_only_once():
    built = []
    value = Deferred(lambda: built.append("built") or len(built))
    assert (value.built, built) == (None, [])
    assert [value.get(), value.get(), value.built] == [1, 1, 1]


def test_two_threads_that_need_it_at_once_share_one():
    inside, built = threading.Barrier(2), []

    def get():
        inside.wait()
        built.append(value.get())

    value = Deferred(object)
    threads = [threading.Thread(target=get) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built[0] is built[1]


def test_a_build_that_fails_is_tried_again_by_the_next_who_asks():
    results = iter([None, "built"])

    def build():
        if (result := next(results)) is None:
            raise OSError("not yet")
        return result

    value = Deferred(build)
    with pytest.raises(OSError, match="not yet"):
        value.get()
    assert value.get() == "built"


def test_who_will_not_wait_gets_it_the_next_time():
    asked, built = threading.Event(), threading.Event()

    def build():
        asked.wait(timeout=10)
        return "built"

    value = Deferred(build)
    assert (value.soon(), value.soon()) == (None, None)
    asked.set()
    warm(value.get, built.set)
    assert built.wait(timeout=10)
    assert value.soon() == "built"


def test_whoever_has_patience_has_a_value_that_comes_soon_enough():
    assert Deferred(lambda: "built").soon(patience=10) == "built"


def test_patience_ends_with_a_build_that_fails():
    builds = iter([OSError("no network"), None])

    def build():
        if error := next(builds):
            raise error
        return "built"

    value = Deferred(build)
    assert value.soon(patience=10) is None
    assert value.soon(patience=10) == "built"


def test_warming_goes_on_after_a_task_that_fails():
    value = Deferred(lambda: "warm")

    def fail():
        raise OSError("no network")

    warm(fail, value.get).join(timeout=10)
    assert value.built == "warm"


def test_the_collector_works_again_after_start_up():
    gc.disable()
    try:
        collect_garbage()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()
