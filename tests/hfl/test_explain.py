"""The story of orders and trades, against the rows themselves."""

import json
from decimal import Decimal

import pytest

from hfl_core.domain import events as ev
from hfl_journal.reader import JournalReader


def chain(hfl, made, what):
    code, out, err = hfl("explain", what, "--home", str(made.folder), "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def all_trades(hfl, made):
    return json.loads(hfl("trades", "--home", str(made.folder), "--json")[1])


def test_every_trade_has_its_whole_chain(made, hfl):
    for trade in all_trades(hfl, made):
        story = chain(hfl, made, str(trade["trade"]))
        kinds = [link["kind"] for link in story["chain"]]

        for kind in ("ScansCoalesced", "SignalEmitted", "RiskAssessed", "OrderIntended"):
            assert kind in kinds
        assert kinds.index("SignalEmitted") < kinds.index("OrderIntended") < kinds.index("Filled")
        signed = Decimal(0)
        for link in story["chain"]:
            if link["kind"] == "Filled":
                fill = link["data"]["fill"]
                assert fill["symbol"] == trade["symbol"]
                sign = 1 if fill["side"] == "buy" else -1
                signed += sign * Decimal(fill["quantity"])
        assert (signed == 0) is (trade["state"] == "closed")
        assert story["trade"] == trade | {
            name: story["trade"][name] for name in ("stop_price", "orders", "rows")
        }


def test_links_are_the_journals_rows_with_their_hashes(made, hfl):
    story = chain(hfl, made, "1")

    with JournalReader.open(made.home.journal.journal) as reader:
        for link in story["chain"]:
            row = reader.row(link["row"])
            assert row is not None
            assert (row.kind, row.hash.hex()) == (link["kind"], link["hash"])
        run = next(reader.rows_of("RunStarted")).event
        opened = next(reader.rows_of("DatasetOpened")).event
    assert isinstance(run, ev.RunStarted)
    assert isinstance(opened, ev.DatasetOpened)
    assert story["inputs"]["hashes"] == dict(run.hashes)
    assert story["inputs"]["content_hash"] == opened.content_hash
    assert story["inputs"]["limits_hash"]


def test_every_order_leads_to_the_trade_it_belongs_to(made, hfl):
    orders = json.loads(hfl("orders", "--home", str(made.folder), "--json")[1])
    trades = {t["trade"]: t for t in all_trades(hfl, made)}

    for order in orders[:40]:
        story = chain(hfl, made, order["client_id"])
        assert story["order"] == order["client_id"]
        assert order["client_id"] in {link["data"].get("client_id") for link in story["chain"]}
        if story["trade"] is not None:
            assert trades[story["trade"]["trade"]]["symbol"] == order["symbol"]
        if Decimal(order["filled"]):
            assert order["client_id"] in story["trade"]["orders"]


def test_number_and_place_name_the_same_trade(made, hfl):
    own = [t for t in all_trades(hfl, made) if t["symbol"] == "SIM-ETH"]

    assert chain(hfl, made, "SIM-ETH#-1")["trade"]["trade"] == own[0]["trade"]
    assert chain(hfl, made, "SIM-ETH#1")["trade"]["trade"] == own[-1]["trade"]


def test_text_names_every_rule_and_its_numbers(made, hfl):
    story = chain(hfl, made, "1")
    _, out, _ = hfl("explain", "1", "--home", str(made.folder))

    rules = next(r["data"]["rules"] for r in story["chain"] if r["kind"] == "RiskAssessed")
    assert len(rules) > 10
    assert all(rule["rule"] in out for rule in rules)


def test_a_trade_is_named_as_the_screen_shows_it_too(made, hfl):
    home = ("--home", str(made.folder))

    assert hfl("explain", "T-1", *home) == hfl("explain", "1", *home)
    assert hfl("explain", "T-1", *home)[0] == 0


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("hfpnothing", "nowhere in the journal"),
        ("hf", "type more of it"),
        ("99999", "expected a trade from 1 to"),
        ("0", "expected a trade from 1 to"),
        ("NOPE#1", "expected a traded instrument"),
        ("SIM-BTC#9999", "expected a trade of SIM-BTC from 1 to"),
        ("SIM-BTC#x", "expected SYMBOL#n"),
    ],
)
def test_what_is_not_there_is_one_sentence(made, hfl, what, said):
    code, out, err = hfl("explain", what, "--home", str(made.folder))

    assert (code, out) == (7, "")
    assert said in err
    assert err.count("\n") == 1
