"""`hfl doctor` looks at the loopback API's token where the user asked for that API."""

import json

import pytest

from hfl.cli import main
from hfl_core.control.loopback import obtain_token


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("off", []),
        ("new", [("good", "(made at the next start)")]),
        ("made", [("good", "api.token")]),
        ("open", [("bad", "is not a file of ours alone (0644): delete it")]),
    ],
)
def test_the_doctor_looks_at_the_token(state, expected, hfl_home, capsys):
    main(["init"])
    settings = hfl_home / "config" / "config.toml"
    if state != "off":
        text = settings.read_text()
        assert "tcp = false" in text
        settings.write_text(text.replace("tcp = false", "tcp = true"))
    token = hfl_home / "config" / "api.token"
    if state in {"made", "open"}:
        obtain_token(str(token))
    if state == "open":
        token.chmod(0o644)
    capsys.readouterr()
    main(["doctor", "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    found = [(each["mark"], each["text"]) for each in findings if each["topic"] == "api"]

    assert len(found) == len(expected)
    for (mark, text), (expected_mark, end) in zip(found, expected, strict=True):
        assert mark == expected_mark
        assert text.endswith(end)
