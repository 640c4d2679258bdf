"""Thousands of spoilt settings.

Each is accepted and means the same when read back, or ends in one ConfigError.
"""

import random
from collections import Counter
from importlib import resources

from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_config.load import LoadedConfig, default_text, load_blob, load_text
from hfl_config.model import PROFILES
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.limits import limits_hash

MUTANTS = 2400
VALUES = (
    *("0", "1", "-1", "2", "0.5", "-0.5", "1e3", "1e-30", "1e999999999", "nan", "-inf", "0x1F"),
    *("true", "false", '""', '"x"', '"max"', '"UTC"', '"small"', '"pro"', "[]", "{}", "[1]"),
    *("{ a = 1 }", "2020-01-01", "12:00:00", '"\\u0000"', '"' + "x" * 5000 + '"', "9" * 400),
)
JUNK = ("#", '"', "'", "[", "]", "{", "}", "=", ".", "\n", "\0", "é", "\u202e", "a", "0", "-", "\\")


def base_texts() -> tuple[str, ...]:
    folder = resources.files("hfl_config") / "defaults" / "profiles"
    profiles = [(folder / f"{name}.toml").read_text(encoding="utf-8") for name in PROFILES]
    return (default_text(), default_text("instruments.toml"), *profiles)


def shipped_values() -> dict[str, list[str]]:
    """Return what the shipped files write behind each key: values that can be right."""
    found: dict[str, list[str]] = {}
    for text in base_texts():
        for line in text.splitlines():
            key, is_pair, value = line.partition(" = ")
            if is_pair:
                found.setdefault(key, []).append(value)
    return found


SHIPPED = shipped_values()


def mutate(text: str, chance: random.Random) -> str:
    lines = text.splitlines()
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(len(lines))
        key, found, _ = lines[place].partition(" = ")
        match chance.randrange(9):
            case 0 if found:
                lines[place] = f"{key} = {chance.choice(VALUES)}"
            case 1 if found and len(key) > 1:
                cut = chance.randrange(len(key))
                lines[place] = key[:cut] + key[cut + 1 :] + lines[place][len(key) :]
            case 2:
                lines.insert(place, lines[chance.randrange(len(lines))])
            case 3:
                del lines[place]
                lines = lines or [""]
            case 4:
                cut = chance.randrange(len(lines[place]) + 1)
                lines[place] = lines[place][:cut] + chance.choice(JUNK) + lines[place][cut:]
            case 5 | 6 if found:
                lines[place] = f"{key} = {chance.choice(SHIPPED.get(key, ['0']))}"
            case 7:
                lines.insert(place, f"unknown_{chance.randrange(99)} = 1")
            case _:
                other = chance.randrange(len(lines))
                lines[place], lines[other] = lines[other], lines[place]
    return "\n".join(lines)


def judged(text: str) -> str:
    """Return what came of a text; raises whatever is not a ConfigError of one sentence."""
    try:
        first = load_text(text, "fuzz.toml")
    except ConfigError as error:
        check_sentence(str(error))
        return "refused"
    check_round_trip(first)
    return "accepted"


def check_sentence(message: str) -> None:
    assert "expected" in message
    assert "found" in message
    assert "\n" not in message
    assert len(message) < 700


def check_round_trip(first: LoadedConfig) -> None:
    second = load_blob(first.blob)

    assert second == first
    assert second.blob == first.blob
    assert limits_hash(second.limits) == limits_hash(first.limits)
    assert second.filled == ()


def test_mutated_settings_are_accepted_whole_or_refused_in_one_sentence():
    seed = 20
    chance = random.Random(seed)
    bases = base_texts()
    outcomes: Counter[str] = Counter()
    for number in range(MUTANTS):
        text = mutate(bases[number % len(bases)], chance)
        try:
            outcomes[judged(text)] += 1
        except BaseException as error:
            error.add_note(f"seed {seed}, mutant {number}:\n{text}")
            raise

    assert outcomes.total() == MUTANTS
    assert min(outcomes["accepted"], outcomes["refused"]) > MUTANTS // 10


def test_no_unknown_key_is_accepted_anywhere():
    for base in base_texts():
        lines = base.splitlines()
        for place, line in enumerate(lines):
            if line.startswith("[") and not line.startswith("[instruments.symbols"):
                spoilt = [*lines[: place + 1], "zz_unknown = 1", *lines[place + 1 :]]
                assert judged("\n".join(spoilt)) == "refused", line
        assert judged("zz_unknown = 1\n" + base) == "refused"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_judged(text: str):
    judged(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_in_the_journal_are_judged(blob: bytes):
    try:
        load_blob(blob)
    except ConfigError as error:
        check_sentence(str(error))
