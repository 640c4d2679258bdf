"""What a code proves, as a table, and the wire that it travels on."""

import hashlib

import pytest

from hfl_core.brokers._answers import UnprovenError, frame, open_line
from hfl_core.brokers._certainty import CHANGING_VERBS, DEFINITE_CODES, EXISTS_CODE, refusal
from hfl_core.domain.errors import Reached
from hfl_core.venue.model import EXISTS_CODES, REJECT_CODES
from hfl_core.venue.protocol import BROKER_VERBS, ROLES


def test_the_allow_list_is_the_venues_list() -> None:
    assert set(REJECT_CODES) == DEFINITE_CODES
    assert {EXISTS_CODE} == EXISTS_CODES
    assert EXISTS_CODE not in DEFINITE_CODES


@pytest.mark.parametrize("verb", BROKER_VERBS)
def test_a_code_proves_something_only_about_a_call_that_changes_something(verb: str) -> None:
    proven = {code: refusal(verb, code, "text").reached for code in DEFINITE_CODES}
    expected = Reached.NO if verb in CHANGING_VERBS else Reached.UNKNOWN

    assert set(proven.values()) == {expected}
    assert (refusal(verb, EXISTS_CODE, "text").reached is Reached.YES) == (verb == "submit")
    for code in ("", "bad_request", "internal_error", "venue_reject ", "Venue_Reject"):
        assert refusal(verb, code, "text").reached is Reached.UNKNOWN


def test_every_changing_verb_is_a_verb_of_the_venue() -> None:
    assert set(ROLES) >= CHANGING_VERBS


@pytest.mark.parametrize("text", [b"[]", b"3", b"null", b"", b'{"a":', b"\xff", b"[" * 100_000])
def test_a_whole_line_that_is_no_object_proves_nothing(text: bytes) -> None:
    total = hashlib.sha256(text).hexdigest()[:16].encode()

    with pytest.raises(UnprovenError):
        open_line(total + b" " + text)


def test_the_checksum_is_of_the_body() -> None:
    total, _, body = frame({"a": 1}).partition(b" ")

    assert hashlib.sha256(body[:-1]).hexdigest().startswith(total.decode())
