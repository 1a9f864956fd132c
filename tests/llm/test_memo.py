"""What was answered already."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ntrl.llm.memo import ANSWERS_KEPT, Memo, request_key


def test_of_many_who_ask_the_same_one_calls() -> None:
    memo, calls, gate = Memo[int](), [], threading.Event()

    def call() -> int:
        calls.append(1)
        gate.wait(5)
        return 7

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(memo.answer, "key", call) for _ in range(8)]
        gate.set()
        found = [answer.result() for answer in answers]

    assert len(calls) == 1
    assert [value for value, _ in found] == [7] * 8
    assert sum(is_known for _, is_known in found) == 7


def test_a_call_that_failed_is_made_again() -> None:
    memo = Memo[int]()
    with pytest.raises(LookupError):
        memo.answer("key", lambda: [][0])
    assert memo.answer("key", lambda: 7) == (7, False)


def test_those_who_wait_for_a_call_that_fails_make_it_themselves() -> None:
    memo, gate, tried = Memo[int](), threading.Event(), []

    def call() -> int:
        tried.append(1)
        gate.wait(5)
        if len(tried) < 3:
            raise LookupError
        return 7

    def ask() -> int | None:
        try:
            return memo.answer("key", call)[0]
        except LookupError:
            return None

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask) for _ in range(4)]
        gate.set()
    assert sorted(str(answer.result()) for answer in answers) == ["7", "7", "None", "None"]


def test_a_memo_has_an_end() -> None:
    memo = Memo[int]()
    for number in range(ANSWERS_KEPT + 10):
        memo.answer(str(number), lambda: 1)
    assert memo.answer("0", lambda: 2) == (2, False)
    assert memo.answer(str(ANSWERS_KEPT), lambda: 2) == (1, True)


def test_what_differs_has_another_key() -> None:
    keys = {request_key("openai", {"a": 1}), request_key("gemini", {"a": 1}), request_key("openai", {"a": 2})}
    assert len(keys) == 3
