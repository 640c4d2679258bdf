"""From a configuration to the terms of venue and gateway, and to the hash of what decides."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl.home import Home
from hfl.serving import Loopback
from hfl_config.load import LoadedConfig
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.instruments import AssetClass
from hfl_core.engine.settings import SECOND_NS
from hfl_core.gateway.gateway import GatewaySettings
from hfl_core.venue.faults import parse_faults
from hfl_core.venue.link import VenueOptions
from hfl_core.venue.model import Costs, VenueSettings

VENUE_IDLE_S: Final = 30.0
REPEATS_MAX: Final = 5
# How fast the data comes and where the run ends decides nothing.
PACING: Final = ("speed", "until_end")


def venue_options(home: Home, loaded: LoadedConfig) -> VenueOptions:
    """Return how to start the account's paper venue. Raises ConfigError."""
    config = loaded.config
    try:
        parse_faults(config.venue.faults)
        settings = venue_settings(loaded)
    except ValueError as error:
        raise ConfigError(f"venue: {error}") from error
    return VenueOptions(
        directory=Path(home.paths.venue_dir(home.account)),
        socket_path=Path(home.paths.venue_socket(home.account)),
        account=home.account,
        currency=config.account.currency,
        cash=Decimal(config.account.cash_start),
        settings=settings,
        faults=config.venue.faults,
        seed=config.venue.faults_seed,
        idle_s=VENUE_IDLE_S,
    )


def venue_settings(loaded: LoadedConfig) -> VenueSettings:
    """Return the paper venue's costs and depth from the configuration."""
    section = loaded.config.venue
    costs = {}
    for asset_class in AssetClass:
        own = getattr(section.costs, asset_class.value)
        costs[asset_class] = Costs(
            commission=own.fee_fraction, spread=own.spread_fraction, slippage=own.slippage_fraction
        )
    return VenueSettings(costs=costs, participation=section.participation_fraction)


def gateway_settings(loaded: LoadedConfig, limits_hash: str) -> GatewaySettings:
    """Return the gateway's last checks from the configuration."""
    section = loaded.config.gateway
    engine = loaded.config.engine
    # An entry that waited for a desk is as old as the desk was slow, and no older.
    waited_s = engine.opinion_deadline_s if engine.desks else Decimal(0)
    return GatewaySettings(
        intent_age_max_ns=int(section.intent_age_max_s * SECOND_NS),
        price_age_max_ns=int((section.price_age_max_s + waited_s) * SECOND_NS),
        orders_per_minute_max=section.orders_per_minute_max,
        repeats_per_minute_max=max(1, min(REPEATS_MAX, section.orders_per_minute_max)),
        deadline_s=float(section.read_deadline_s),
        limits_hash=limits_hash,
    )


def api_loopback(home: Home, loaded: LoadedConfig) -> Loopback | None:
    """Return where the API listens besides its Unix socket, None unless the user asked for it."""
    section = loaded.config.api
    if not section.tcp:
        return None
    return Loopback(host=section.host, port=section.port, token_path=home.paths.api_token)


def deciding_hash(loaded: LoadedConfig) -> str:
    """Return the SHA-256 of the settings without the feed's pacing and the API, hexadecimal."""
    tables = json.loads(loaded.blob)
    tables.pop("api", None)
    for name in PACING:
        tables.get("feed", {}).pop(name, None)
    text = json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
