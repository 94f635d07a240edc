"""A small file is read in little memory, however large it might have been."""

from gandyn.records.reading import content


def test_a_bound_beyond_all_memory_takes_none(tmp_path):
    small = tmp_path / "small"
    small.write_bytes(b"x" * 100)
    assert content(small, 2**60) == b"x" * 100
