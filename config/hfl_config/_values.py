"""The value types of the configuration: each with its range, and in a person's words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo
from pydantic_core import PydanticCustomError

from hfl_core.domain.hours import parse_hours
from hfl_core.domain.instruments import timeframe
from hfl_core.domain.money import plain

# Numbers outside are slips of the keyboard, and 1e999999999 written out in digits would fill the
# memory.
EXPONENT_MAX: Final = 18
# The key that keeps an exact strategy parameter apart from a text in JSON.
EXACT_KEY: Final = "exact"
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,31}\z"
MODULE_PATTERN: Final = r"^[a-z][a-z0-9_]{0,63}\z"
SYMBOL_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._=-]{0,31}\z"
CURRENCY_PATTERN: Final = r"^[A-Z][A-Z0-9]{2,9}\z"


def _exact(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and info.mode == "json":
        try:
            value = Decimal(value)
        except ArithmeticError:
            return value
    if isinstance(value, int) and not isinstance(value, bool):
        if value.bit_length() > EXPONENT_MAX * 4:
            raise PydanticCustomError("number_size", "a number of ordinary size")
        value = Decimal(value)
    if isinstance(value, Decimal):
        digits = value.as_tuple()
        if (
            not value.is_finite()
            or abs(value.adjusted()) > EXPONENT_MAX
            or len(digits.digits) > 2 * EXPONENT_MAX
        ):
            raise PydanticCustomError("number_size", "a finite number of ordinary size")
    return value


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _listed_pairs(value: object) -> object:
    return tuple(_listed(item) for item in value) if isinstance(value, list) else value


def _timeframe(value: str) -> str:
    if value == "auto":
        return value
    try:
        timeframe(value)
    except ValueError as error:
        raise PydanticCustomError("timeframe", "a timeframe") from error
    return value


def _hours(value: str) -> str:
    try:
        parse_hours(value)
    except ValueError as error:
        raise PydanticCustomError("hours", "windows of the week") from error
    return value


def _zone(value: str) -> str:
    if value == "UTC":  # also without the system's zone files
        return value
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("zone", "a time zone") from error
    return value


def _parameter(value: object, info: ValidationInfo) -> object:
    if info.mode == "json" and isinstance(value, Mapping) and tuple(value) == (EXACT_KEY,):
        return _exact(value[EXACT_KEY], info)
    if isinstance(value, Decimal):
        return _exact(value, info)
    if isinstance(value, int) and not isinstance(value, bool):
        _exact(value, info)
    return value


def _parameter_json(value: bool | int | Decimal | str) -> object:  # noqa: FBT001 - a value, not a switch
    return {EXACT_KEY: plain(value)} if isinstance(value, Decimal) else value


def _decimal_json(value: Decimal) -> str:
    return plain(value)


def _speed_json(value: Decimal | str) -> str:
    return plain(value) if isinstance(value, Decimal) else value


def _speed(value: object, info: ValidationInfo) -> object:
    return value if value == "max" else _exact(value, info)


_Exact = Annotated[
    Decimal, BeforeValidator(_exact), PlainSerializer(_decimal_json, return_type=str)
]
_FRACTION = "a fraction above 0 and at most 1, such as 0.01"
_FRACTION_OR_ZERO = "a fraction from 0 to below 1, such as 0.001"
_AMOUNT = "an amount above 0 and at most 1000000000000, such as 10000"
_AMOUNT_OR_ZERO = "an amount from 0 to 1000000000, such as 1"
_AMOUNT_FROM_0 = "an amount from 0 to 1000000000000, such as 100000"
_VOLUME_RATIO = "above 0 and at most 100000, such as 10"
_BAD_HOURS = 'windows in UTC such as "forex fri 20:45-22:15; stocks 13:30-13:45"'
_EXPOSURE = "a multiple of equity above 0 and at most 1000, such as 1"
_SECONDS = "seconds above 0 and at most 86400, such as 5"
_SECONDS_OR_ZERO = "seconds from 0 to 86400, such as 1"
_NAME = "1 to 32 characters of a-z, 0-9 and '-' in quotes, such as \"main\""
_GROUP = "at most 32 characters of a-z, 0-9 and '-' in quotes, or an empty text"
_TIMEFRAME = '"auto", or a timeframe such as "1m", "1h" or "1d"'
_ZONE = 'a time zone in quotes, such as "UTC" or "Europe/Berlin"'
_SPEED = '"max", or a number above 0: how many times faster than real time'

Share = Annotated[_Exact, Field(gt=0, le=1, description=_FRACTION)]
ShareOrZero = Annotated[_Exact, Field(ge=0, lt=1, description=_FRACTION_OR_ZERO)]
Score = Annotated[_Exact, Field(ge=0, le=1, description="a number from 0 to 1, such as 0.2")]
Exposure = Annotated[_Exact, Field(gt=0, le=1000, description=_EXPOSURE)]
Multiple = Annotated[_Exact, Field(gt=0, le=100, description="above 0 and at most 100, such as 2")]
Amount = Annotated[_Exact, Field(gt=0, le=10**12, description=_AMOUNT)]
AmountOrZero = Annotated[_Exact, Field(ge=0, le=10**9, description=_AMOUNT_OR_ZERO)]
Step = Annotated[_Exact, Field(gt=0, le=10**6, description="above 0 and at most 1000000")]
Seconds = Annotated[_Exact, Field(gt=0, le=86_400, description=_SECONDS)]
SecondsOrZero = Annotated[_Exact, Field(ge=0, le=86_400, description=_SECONDS_OR_ZERO)]

AmountFrom0 = Annotated[_Exact, Field(ge=0, le=10**12, description=_AMOUNT_FROM_0)]
Ratio = Annotated[_Exact, Field(gt=0, le=1000, description="above 0 and at most 1000, such as 3")]
VolumeRatio = Annotated[_Exact, Field(gt=0, le=10**5, description=_VOLUME_RATIO)]
Hours = Annotated[_Exact, Field(ge=0, le=720, description="hours from 0 to 720, such as 24")]

Count = Annotated[int, Field(ge=1, le=10**6, description="a whole number from 1 to 1000000")]
Bars = Annotated[int, Field(ge=1, le=10**8, description="a whole number from 1 to 100000000")]
Lots = Annotated[int, Field(ge=0, le=10**12, description="a whole number from 0 to 10^12")]
UpTo1000 = Annotated[int, Field(ge=1, le=1000, description="a whole number from 1 to 1000")]
UpTo10000 = Annotated[int, Field(ge=1, le=10_000, description="a whole number from 1 to 10000")]
UpTo86400 = Annotated[int, Field(ge=0, le=86_400, description="whole seconds from 0 to 86400")]
DaysFrom0 = Annotated[int, Field(ge=0, le=120, description="whole days from 0 to 120")]
DaysFrom2 = Annotated[int, Field(ge=2, le=120, description="whole days from 2 to 120")]
HoursFrom1 = Annotated[int, Field(ge=1, le=8_760, description="whole hours from 1 to 8760")]
HoursOfYear = Annotated[int, Field(ge=0, le=8_760, description="whole hours from 0 to 8760")]
MinutesOfWeek = Annotated[int, Field(ge=1, le=10_080, description="whole minutes from 1 to 10080")]
UpTo250 = Annotated[int, Field(ge=1, le=250, description="a whole number from 1 to 250")]
UpTo500 = Annotated[int, Field(ge=1, le=500, description="a whole number from 1 to 500")]
UpTo50 = Annotated[int, Field(ge=0, le=50, description="a whole number from 0 to 50")]
Seed = Annotated[int, Field(ge=0, lt=2**63, description="a whole number from 0 to 2^63 - 1")]
Port = Annotated[int, Field(ge=1024, le=65_535, description="a port from 1024 to 65535")]
Switch = Annotated[bool, Field(description="true or false, without quotes")]

AccountName = Annotated[str, Field(pattern=NAME_PATTERN, description=_NAME)]
ModuleName = Annotated[
    str, Field(pattern=MODULE_PATTERN, description='a file\'s name without .py, such as "trend"')
]
SymbolName = Annotated[
    str, Field(pattern=SYMBOL_PATTERN, description='a symbol in quotes, such as "BTC-USDT"')
]
Currency = Annotated[
    str, Field(pattern=CURRENCY_PATTERN, description='a currency in quotes, such as "USD"')
]
CurrencyOrAuto = Annotated[
    str,
    Field(
        pattern=rf"^auto\z|{CURRENCY_PATTERN}", description='a currency such as "USD", or "auto"'
    ),
]
CurrencyPairs = Annotated[
    tuple[tuple[Currency, Currency], ...],
    BeforeValidator(_listed_pairs),
    Field(max_length=100, description='pairs of currencies, such as [["USDT", "USD"]]'),
]
Group = Annotated[str, Field(pattern=r"^[a-z0-9-]{0,32}\z", description=_GROUP)]
Text = Annotated[
    str, Field(max_length=4096, pattern=r"^[^\x00]*\z", description="a text in quotes")
]
HoursOfWeek = Annotated[str, AfterValidator(_hours), Field(max_length=1000, description=_BAD_HOURS)]
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_listed),
    Field(max_length=1000, description="a list of texts, such as []"),
]
Symbols = Annotated[
    tuple[SymbolName, ...],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=1000, description='a list of symbols, such as ["BTC-USDT"]'),
]
TimeframeOrAuto = Annotated[
    str, AfterValidator(_timeframe), Field(max_length=8, description=_TIMEFRAME)
]
Zone = Annotated[str, AfterValidator(_zone), Field(max_length=64, description=_ZONE)]
Parameter = Annotated[
    bool | int | Decimal | Text,
    BeforeValidator(_parameter),
    PlainSerializer(_parameter_json),
    Field(description="a number, true, false or a text in quotes"),
]
Parameters = Annotated[
    dict[ModuleName, Parameter],
    Field(max_length=100, description="names and values, such as { fast = 20 }"),
]
Speed = Annotated[
    Annotated[Decimal, Field(gt=0, le=10**9)] | Literal["max"],
    BeforeValidator(_speed),
    PlainSerializer(_speed_json, return_type=str),
    Field(description=_SPEED),
]
AssetClassName = Literal["stocks", "forex", "crypto", "indices"]
