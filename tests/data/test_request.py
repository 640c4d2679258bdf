"""A request survives its spec; a spec that is none is refused in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass
from hfl_data.request import FeedRequest, Mark, instrument_of, request_from_spec, spec_of
from hfl_data.track import Place
from tests.data.worlds import flat, instrument, sources

places = st.builds(Place, st.integers(0), st.integers(0), st.integers())
marks = st.builds(Mark, st.integers(0), st.lists(places, max_size=3).map(tuple), st.text())


@given(
    paths=st.lists(st.text()).map(tuple),
    asset_class=st.none() | st.sampled_from(AssetClass),
    parameters=st.dictionaries(st.text(), st.text()),
    marks=st.lists(marks, max_size=3).map(tuple),
)
def test_a_spec_rebuilds_the_request(paths, asset_class, parameters, marks):
    request = FeedRequest(
        source="list",
        instruments={},
        paths=paths,
        asset_class=asset_class,
        parameters=tuple(sorted(parameters.items())),
        marks=marks,
    )

    assert request_from_spec(spec_of(request, sources([[flat(0)]]), marks), {}) == request


@pytest.mark.parametrize("spec", ["", "null", "[]", "{}", '{"source":"x"}', "\x00"])
def test_what_is_no_spec_is_refused(spec):
    with pytest.raises(DataError, match="expected the spec of a data set"):
        request_from_spec(spec, {})


def test_instruments_come_from_a_mapping_or_a_function():
    traded = instrument("AAA")
    by_name = FeedRequest(source="list", instruments={"AAA": traded})
    by_call = FeedRequest(source="list", instruments=lambda symbol, _: instrument(symbol))

    assert instrument_of(by_name, Symbol("AAA"), AssetClass.CRYPTO) is traded
    assert instrument_of(by_call, Symbol("BBB"), AssetClass.CRYPTO).symbol == "BBB"
    with pytest.raises(DataError, match="expected an instrument for BBB, found AAA"):
        instrument_of(by_name, Symbol("BBB"), AssetClass.CRYPTO)
