"""A file is written whole or stays as it was, on a full disk too."""

import io
import os

import pytest

from helpers.learning import files


def test_the_content_takes_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "table.json"
    files.replace(path, b"first")
    files.replace(path, b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["table.json"]


def test_a_full_disk_leaves_the_file_as_it_was_and_says_so(tmp_path, monkeypatch):
    path = tmp_path / "table.json"
    path.write_bytes(b"good")

    def write_half(self, content):
        with io.FileIO(self, "w") as file:
            file.write(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "write_bytes", write_half)
    with pytest.raises(
        OSError, match=r"table.json could not be written \(No space left.*as it was"
    ):
        files.replace(path, b"x" * 10)
    assert path.read_bytes() == b"good"
    assert os.listdir(tmp_path) == ["table.json"]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(OSError, match=r"could not be written \(No such file or directory\)"):
        files.replace(tmp_path / "nowhere" / "table.json", b"x")
