import pytest

from chatcli.core.tally import Tally, tally_lines


@pytest.mark.parametrize(
    ("tallies", "exact", "lines"),
    [
        ([Tally("", 12)], True, "12\n"),
        ([Tally("", 12)], False, "~12\n"),
        ([Tally("", 12, 0.0012)], True, "12 $0.0012\n"),
        ([Tally("a.py", 12)], True, "12 a.py\n"),
        ([Tally("a.py", 7), Tally("b.py", 1_200)], True, "   7 a.py\n1200 b.py\n1207 total\n"),
        ([Tally("a.py", 7), Tally("b.py", 1_200)], False, "   ~7 a.py\n~1200 b.py\n~1207 total\n"),
        (
            [Tally("a.py", 7, 0.00001), Tally("b.py", 1_200, 1.5)],
            True,
            "   7 <$0.0001 a.py\n1200    $1.50 b.py\n1207    $1.50 total\n",
        ),
        ([Tally("a\x1b[2J\nb", 1)], True, "1 a?[2J?b\n"),
        ([Tally("two words", 0)], True, "0 two words\n"),
    ],
)
def test_tokens_are_listed_as_wc_lists_words(tallies, exact, lines):
    assert tally_lines(tallies, exact=exact) == lines
