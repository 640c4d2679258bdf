"""An acknowledgement outlives its viewer and reaches the others; a home that cannot keep it."""

from hfl.screen.seen import SeenFile


def test_what_one_viewer_acknowledged_another_one_and_the_next_one_know(tmp_path):
    one, other = SeenFile(tmp_path / "seen"), SeenFile(tmp_path / "seen")
    assert (one.seen(), other.seen()) == (-1, -1)
    one.acknowledge(41)

    assert other.seen() == 41
    assert SeenFile(tmp_path / "seen").seen() == 41
    assert [path.name for path in tmp_path.iterdir()] == ["seen"]


def test_a_home_that_cannot_be_written_only_forgets(tmp_path):
    nowhere = SeenFile(tmp_path / "no" / "such" / "folder")
    nowhere.acknowledge(7)

    assert nowhere.seen() == 7
    assert SeenFile(tmp_path / "no" / "such" / "folder").seen() == -1


def test_a_file_with_something_else_in_it_is_nothing(tmp_path):
    (tmp_path / "seen").write_text("a poem")

    assert SeenFile(tmp_path / "seen").seen() == -1
