"""The feed's part of the configuration, and what every part is made of."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from hfl_config._values import (
    Bars,
    Seconds,
    Seed,
    ShareOrZero,
    Speed,
    Switch,
    Symbols,
    Texts,
    TimeframeOrAuto,
)


class Section(BaseModel):
    """A part of the configuration: unknown names and silent conversions are refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)


class SimulatedSection(Section):
    """The simulated market."""

    seed: Seed
    bars: Bars
    symbols: Symbols


class ArrivalSection(Section):
    """When bars come that come one by one, after their close; fractions of all rows."""

    seed: Seed
    usual_s: Seconds
    late_s: Seconds
    late_fraction: ShareOrZero
    missing_fraction: ShareOrZero
    doubled_fraction: ShareOrZero


class FeedSection(Section):
    """Where bars come from, in which form, and how fast."""

    source: Annotated[
        Literal["simulated", "parquet", "csv"],
        Field(description='"simulated", "parquet" or "csv"'),
    ]
    paths: Texts
    asset_class: Annotated[
        Literal["auto", "stocks", "forex", "crypto", "indices"],
        Field(description='"auto", "stocks", "forex", "crypto" or "indices"'),
    ]
    timeframe: TimeframeOrAuto
    delivery: Annotated[
        Literal["slots", "bars"],
        Field(description='"slots" (all bars of a close at once) or "bars" (one by one)'),
    ]
    speed: Speed
    until_end: Switch
    arrival: ArrivalSection
    simulated: SimulatedSection
