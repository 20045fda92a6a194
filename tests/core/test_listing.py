from chatcli.core.catalog import ModelInfo, Price
from chatcli.core.listing import catalog_lines, served_lines
from chatcli.core.wire.windows import Served


def test_the_catalog_is_listed_with_windows_prices_and_last_days():
    models = [
        ModelInfo("gpt-6-luna", window=1_050_000, price=Price(0.1, 0.5)),
        ModelInfo("gpt-4o", window=128_000, price=Price(2.5, 10), retires="2027-01-14"),
        ModelInfo("gpt-4", window=8192, price=Price(30, 60), retires="2026-10-23"),
        ModelInfo("mine"),
    ]
    assert catalog_lines(models, "2026-11-20") == [
        "gpt-6-luna  1,050,000  $0.10 in, $0.50 out",
        "gpt-4o        128,000  $2.50 in, $10.00 out  retires 2027-01-14",
        "gpt-4           8,192  $30.00 in, $60.00 out  retired 2026-10-23",
        "mine                   price unknown",
    ]


def test_what_a_server_offers_is_listed_with_the_windows_that_it_tells():
    assert served_lines([Served("a", 512), Served("long-name"), Served("b", 131_072)]) == [
        "a              512",
        "long-name",
        "b          131,072",
    ]
    assert served_lines([]) == []
