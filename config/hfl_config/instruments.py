"""From a symbol and a class to an instrument: the class's terms with the symbol's own over them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl_config.model import (
    ClassSection,
    CostsSection,
    HflConfig,
    InstrumentsSection,
    SymbolSection,
)
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind

AUTO: Final = "auto"
_TERMS: Final = tuple(ClassSection.model_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the instrument itself does not carry.

    quote_currency: as traded, before any declared equality; financing_fraction_per_day: of the
    notional held.
    """

    quote_currency: str
    financing_fraction_per_day: Decimal


def to_instrument(config: HflConfig, symbol: str, asset_class: str = AUTO) -> Instrument:
    """Make the instrument of a symbol.

    Its currency is the account's where the two are declared equal.

    asset_class: stocks, forex, crypto or indices, or auto: as configured for the symbol. Raises
    ConfigError.
    """
    section, name = _section(config.instruments, symbol, asset_class)
    costs: CostsSection = getattr(config.venue.costs, name)
    try:
        return Instrument(
            symbol=Symbol(symbol),
            asset_class=AssetClass(name),
            tick=section.tick,
            lot=section.lot,
            notional_min=section.notional_min,
            currency=same_or_account(config, quote_currency(section, symbol)),
            volume=VolumeKind(section.volume),
            may_short=section.may_short,
            margin_fraction=section.margin_fraction,
            depth_lots=section.depth_lots,
            group=section.group,
            sector=section.sector,
            spread_fraction=costs.spread_fraction,
        )
    except ValueError as error:
        raise ConfigError(f"instruments: {error}: change tick or lot of it or of {name}") from error


def terms_of(config: HflConfig, symbol: str, asset_class: str = AUTO) -> Terms:
    """Return the terms that the instrument does not carry.

    Raises ConfigError like `to_instrument`.
    """
    section, _ = _section(config.instruments, symbol, asset_class)
    return Terms(
        quote_currency=quote_currency(section, symbol),
        financing_fraction_per_day=section.financing_fraction_per_day,
    )


def same_or_account(config: HflConfig, currency: str) -> str:
    """Return the account's currency when `currency` is it or is declared equal to it.

    Every other currency comes back as it is.
    """
    account = config.account.currency
    pairs = config.account.equal_currencies
    is_same = any({currency, account} == set(pair) for pair in pairs)
    return account if is_same else currency


def quote_currency(section: ClassSection, symbol: str) -> str:
    """Return what the symbol is priced in.

    Raises ConfigError when it cannot be read from BASE-QUOTE.
    """
    if section.currency != AUTO:
        return section.currency
    parts = symbol.split("-")
    if len(parts) >= 2 and parts[1].isalnum() and parts[1].isupper():
        return parts[1]
    raise ConfigError(
        f"expected a symbol BASE-QUOTE such as BTC-USDT, found {symbol}: "
        f"set instruments.symbols.{symbol}.currency"
    )


def check_instruments(config: HflConfig) -> None:
    """Raise ConfigError when a class or a configured symbol cannot become an instrument."""
    for name in AssetClass:
        section: ClassSection = getattr(config.instruments.classes, name.value)
        if section.currency == AUTO:
            to_instrument(config, "BASE-QUOTE", name.value)
        else:
            to_instrument(config, "ANY", name.value)
    for symbol, own in config.instruments.symbols.items():
        if own.asset_class is not None:
            to_instrument(config, symbol)


def _section(
    instruments: InstrumentsSection, symbol: str, asset_class: str
) -> tuple[ClassSection, str]:
    own = instruments.symbols.get(symbol, SymbolSection())
    name = asset_class if asset_class != AUTO else own.asset_class
    if name is None or name not in set(AssetClass):
        found = f"none for {symbol}" if name is None else repr(name)
        raise ConfigError(
            f"expected a class out of {', '.join(AssetClass)}, found {found}: name it with "
            f"--class, "
            f"or set instruments.symbols.{symbol}.asset_class"
        )
    section: ClassSection = getattr(instruments.classes, name)
    changes = {term: value for term in _TERMS if (value := getattr(own, term)) is not None}
    return section.model_copy(update=changes), str(name)
