"""The venue's own durable memory: one SQLite file.

What a message changed is committed before its answer leaves.

WAL with `synchronous=NORMAL`: a commit survives the death of the process (SIGKILL), which is what
the venue promises; after a power cut the last answers may be missing, never a part of one.
"""

import json
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import DataError
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, FillId, Symbol
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.money import plain
from hfl_core.domain.orders import Fill, OrderStatus, OrderType, Side, TimeInForce
from hfl_core.venue.desk import Desk
from hfl_core.venue.faults import FaultPlan
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import VenueSettings
from hfl_core.venue.orders import VenueOrder
from hfl_core.venue.protocol import instrument_record, read_instrument

SCHEMA_VERSION: Final = "2"
_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE listing (idx INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE holding (
    idx INTEGER PRIMARY KEY, close_ns INTEGER NOT NULL, mark_ticks INTEGER NOT NULL,
    lots INTEGER NOT NULL, cost_units TEXT NOT NULL,
    opened_close_ns INTEGER NOT NULL DEFAULT 0, opened_number INTEGER NOT NULL DEFAULT 0,
    opened_lots INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE orders (
    number INTEGER PRIMARY KEY, client_id TEXT NOT NULL UNIQUE, idx INTEGER NOT NULL,
    sign INTEGER NOT NULL, type TEXT NOT NULL, is_reduce_only INTEGER NOT NULL,
    time_in_force TEXT NOT NULL, lots INTEGER NOT NULL, limit_ticks INTEGER NOT NULL,
    stop_ticks INTEGER NOT NULL, reserve_ticks INTEGER NOT NULL, accepted_ns INTEGER NOT NULL,
    filled_lots INTEGER NOT NULL, is_triggered INTEGER NOT NULL, day_end_ns INTEGER NOT NULL,
    status TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE log (
    cursor INTEGER PRIMARY KEY, client_id TEXT NOT NULL, fill_id TEXT NOT NULL,
    symbol TEXT NOT NULL, side TEXT NOT NULL, price TEXT NOT NULL, quantity TEXT NOT NULL,
    fee TEXT NOT NULL, at_ns INTEGER NOT NULL, status TEXT NOT NULL, filled TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE moved (request_id TEXT PRIMARY KEY, amount TEXT NOT NULL) STRICT;
CREATE TABLE seen (
    client_id TEXT PRIMARY KEY, submits INTEGER NOT NULL, accepted INTEGER NOT NULL,
    cancels INTEGER NOT NULL
) STRICT;
"""
_INSERT_ORDER: Final = (
    "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_EVENT: Final = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_HOLDING: Final = "INSERT OR REPLACE INTO holding VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# Version 1 knew whole bars only: all of them were closed, and no open was taken alone.
_UPGRADE_FROM_1: Final = tuple(
    f"ALTER TABLE holding ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0"
    for name in ("opened_close_ns", "opened_number", "opened_lots")
)


class Store:
    """The file of one venue account. Only the venue's process opens it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA trusted_schema=OFF")
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise DataError(
                f"expected the venue's store at {path}, found {error}: move the file away"
            ) from error
        self._path = path
        self._cursor = 0
        self._listings: dict[int, Instrument] = {}
        self._holdings: dict[int, tuple[int, ...]] = {}
        self._meta: dict[str, str] = {}
        self._moved = 0

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def open_desk(
        self,
        plan: FaultPlan,
        settings: VenueSettings,
        *,
        account: str,
        currency: str,
        cash: Decimal,
    ) -> Desk:
        """Open the account as it was left, or a new one with this cash.

        A store of version 1 is upgraded. Raises DataError when the store belongs to another
        account, currency or version.
        """
        matching = Matching(venue="paper", account=account, settings=settings)
        desk = Desk(matching, plan, currency=currency)
        wanted = {"schema": SCHEMA_VERSION, "account": account, "currency": currency}
        if self._db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").fetchone()[0]:
            self._meta = dict(self._db.execute("SELECT key, value FROM meta"))
            is_old = self._meta.get("schema") == "1"
            for key, value in wanted.items():
                if self._meta.get(key) != value and not (is_old and key == "schema"):
                    raise DataError(
                        f"expected {key} {value} in {self._path}, found {self._meta.get(key)}: "
                        "use another venue directory"
                    )
            if is_old:
                self._upgrade()
            self._load(desk)
            return desk
        if matching.move_cash("opening", cash) is not None:
            raise DataError(f"expected opening cash of zero or more, found {cash}")
        self._db.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";")[:-1]:
            self._db.execute(statement)
        self._set_meta(wanted)
        self._write(desk)
        self._db.execute("COMMIT")
        return desk

    def save(self, desk: Desk) -> None:
        """Commit everything that changed since the last save. A failure must end the process.

        Memory is ahead of the file.
        """
        self._db.execute("BEGIN IMMEDIATE")
        self._write(desk)
        self._db.execute("COMMIT")

    def _upgrade(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for statement in _UPGRADE_FROM_1:
            self._db.execute(statement)
        self._set_meta({"schema": SCHEMA_VERSION})
        self._db.execute("COMMIT")

    # --- writing ----------------------------------------------------------------------------------
    # ------------------

    def _write(self, desk: Desk) -> None:
        matching = desk.matching
        plan = desk.plan
        progress = {
            "calls": plan.calls,
            "fired": plan.fired,
            "asked": plan.asked,
            "maintenance_left": plan.maintenance_left,
        }
        self._set_meta(
            {
                "clock_ns": str(matching.clock_ns),
                "cash_units": str(matching.ledger.cash_units),
                "faults": json.dumps(progress),
            }
        )
        self._write_instruments(matching)
        orders = [_order_row(matching.orders[client_id]) for client_id in matching.changed]
        self._db.executemany(_INSERT_ORDER, orders)
        matching.changed.clear()
        events = [_event_row(event) for event in matching.log[self._cursor :]]
        self._db.executemany(_INSERT_EVENT, events)
        self._cursor = len(matching.log)
        moves = list(matching.moved.items())[self._moved :]
        self._db.executemany(
            "INSERT INTO moved VALUES (?, ?)", [(name, plain(amount)) for name, amount in moves]
        )
        self._moved = len(matching.moved)
        seen = [(client_id, *desk.seen[client_id]) for client_id in desk.seen_changed]
        self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", seen)
        desk.seen_changed.clear()

    def _write_instruments(self, matching: Matching) -> None:
        for index, (listed, held) in enumerate(
            zip(matching.ledger.listings, matching.ledger.holdings, strict=True)
        ):
            phase = matching.opens[index]
            opened = (phase.close_ns, phase.number_last, phase.spent_lots)
            row = (matching.close_ns[index], held.mark_ticks, held.lots, held.cost_units, *opened)
            if self._holdings.get(index) != row:
                self._holdings[index] = row
                values = (index, *row[:3], str(held.cost_units), *opened)
                self._db.execute(_INSERT_HOLDING, values)
            if self._listings.get(index) is not listed.instrument:
                self._listings[index] = listed.instrument
                record = json.dumps(instrument_record(listed.instrument))
                self._db.execute("INSERT OR REPLACE INTO listing VALUES (?, ?)", (index, record))

    def _set_meta(self, values: dict[str, str]) -> None:
        for key, value in values.items():
            if self._meta.get(key) != value:
                self._meta[key] = value
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # --- reading ----------------------------------------------------------------------------------
    # ------------------

    def _load(self, desk: Desk) -> None:
        matching = desk.matching
        for index, record in self._db.execute("SELECT idx, record FROM listing ORDER BY idx"):
            listed_index = matching.list_instrument(read_instrument(json.loads(record)))
            assert listed_index == index, f"instrument {index} came back as {listed_index}"
        for index, close_ns, mark, lots, cost, *opened in self._db.execute(
            "SELECT * FROM holding ORDER BY idx"
        ):
            held, phase = matching.ledger.holdings[index], matching.opens[index]
            matching.close_ns[index] = close_ns
            held.mark_ticks, held.lots, held.cost_units = mark, lots, int(cost)
            phase.close_ns, phase.number_last, phase.spent_lots = opened
        matching.clock_ns = int(self._meta["clock_ns"])
        matching.ledger.cash_units = int(self._meta["cash_units"])
        for row in self._db.execute("SELECT * FROM orders ORDER BY number"):
            order = _read_order(row)
            matching.orders[order.client_id] = order
            if order.status is OrderStatus.WORKING:
                matching.working.add(order)
        for event in self._events(matching):
            matching.log.append(event)
            if isinstance(event, Filled):
                matching.orders[event.fill.client_id].fills.append(event.fill)
        matching.moved = {
            name: Decimal(amount)
            for name, amount in self._db.execute("SELECT * FROM moved ORDER BY rowid")
        }
        desk.seen = {
            name: [submits, taken, cancels]
            for name, submits, taken, cancels in self._db.execute("SELECT * FROM seen")
        }
        progress = json.loads(self._meta["faults"])
        desk.plan.calls, desk.plan.fired, desk.plan.asked = (
            progress["calls"],
            progress["fired"],
            progress["asked"],
        )
        desk.plan.maintenance_left = progress["maintenance_left"]
        self._cursor, self._moved = len(matching.log), len(matching.moved)

    def _events(self, matching: Matching) -> Iterator[Filled | OrderEnded]:
        for row in self._db.execute("SELECT * FROM log ORDER BY cursor"):
            (
                cursor,
                client_id,
                fill_id,
                symbol,
                side,
                price,
                quantity,
                fee,
                at_ns,
                status,
                filled,
                text,
            ) = row
            if not fill_id:
                state = OrderStatus(status)
                yield OrderEnded(
                    client_id=client_id,
                    status=state,
                    filled=Decimal(filled),
                    text=text,
                    cursor=cursor,
                )
                continue
            fill = Fill(
                client_id=ClientOrderId(client_id),
                fill_id=FillId(fill_id),
                symbol=Symbol(symbol),
                side=Side(side),
                price=Decimal(price),
                quantity=Decimal(quantity),
                fee=Decimal(fee),
                at_ns=at_ns,
            )
            yield Filled(
                venue=matching.venue, account=matching.account_name, cursor=cursor, fill=fill
            )


def _order_row(order: VenueOrder) -> tuple[int | str, ...]:
    return (
        order.number,
        order.client_id,
        order.index,
        order.sign,
        order.type.value,
        int(order.is_reduce_only),
        order.time_in_force.value,
        order.lots,
        order.limit_ticks,
        order.stop_ticks,
        order.reserve_ticks,
        order.accepted_ns,
        order.filled_lots,
        int(order.is_triggered),
        order.day_end_ns,
        order.status.value,
        order.text,
    )


def _read_order(row: tuple[int | str, ...]) -> VenueOrder:
    texts = [str(value) for value in row]
    return VenueOrder(
        number=int(texts[0]),
        client_id=ClientOrderId(texts[1]),
        index=int(texts[2]),
        sign=int(texts[3]),
        type=OrderType(texts[4]),
        is_reduce_only=texts[5] == "1",
        time_in_force=TimeInForce(texts[6]),
        lots=int(texts[7]),
        limit_ticks=int(texts[8]),
        stop_ticks=int(texts[9]),
        reserve_ticks=int(texts[10]),
        accepted_ns=int(texts[11]),
        filled_lots=int(texts[12]),
        is_triggered=texts[13] == "1",
        day_end_ns=int(texts[14]),
        status=OrderStatus(texts[15]),
        text=texts[16],
    )


def _event_row(event: Filled | OrderEnded) -> tuple[int | str, ...]:
    if isinstance(event, OrderEnded):
        return (
            event.cursor,
            event.client_id,
            "",
            "",
            "",
            "",
            "",
            "",
            0,
            event.status.value,
            plain(event.filled),
            event.text,
        )
    fill = event.fill
    price, quantity, fee = plain(fill.price), plain(fill.quantity), plain(fill.fee)
    return (
        event.cursor,
        fill.client_id,
        fill.fill_id,
        fill.symbol,
        fill.side.value,
        price,
        quantity,
        fee,
        fill.at_ns,
        "",
        "",
        "",
    )
