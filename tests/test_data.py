"""The records of others' data sets: what is said when they are missing, changed or cut short."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mores import data
from mores.errors import DataMissing, UnknownName

HERE = os.environ.get("MORES_DATA")
needs_data = pytest.mark.skipif(not HERE, reason="MORES_DATA is not set")
SLUG, FILE = "ipd-human-pooled", "games.csv"


def copy_to(folder: Path) -> Path:
    """Copies one small set into a folder of the test's own and returns one of its files."""
    shutil.copytree(data.folder() / SLUG, folder / SLUG, copy_function=shutil.copyfile)
    (folder / SLUG).chmod(0o755)
    return folder / SLUG / FILE


def test_every_record_says_what_a_user_needs_to_get_it() -> None:
    """Each set has a source, licence, repository, commit and a checksum of every file."""
    assert len(data.data_sets()) >= 7
    for slug, known in data.data_sets().items():
        assert known.slug == slug
        assert known.title and known.source and known.licence and known.commit
        assert known.repository.startswith("https://")
        for file in known.files.values():
            assert len(file.sha256) == 64 and file.rows > 0 and file.origin


def test_missing_data_says_where_it_can_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the file, the folder looked in, the public source, the licence, the variable."""
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    with pytest.raises(DataMissing) as caught:
        data.table("repeated-pd-human", "df2011.csv")
    for part in (
        "df2011.csv",
        str(tmp_path),
        "github.com/fdvorak/stratEst",
        "CC-BY-4.0",
        "MORES_DATA",
    ):
        assert part in str(caught.value)


def test_without_the_variable_the_folder_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """MORES_DATA unset or empty means ./data."""
    monkeypatch.setenv("MORES_DATA", "")
    assert data.folder() == Path("data")
    monkeypatch.delenv("MORES_DATA")
    assert data.folder() == Path("data")


def test_unknown_names_carry_the_nearest_spelling() -> None:
    """A misspelt set or file is answered with what there is."""
    with pytest.raises(UnknownName, match="repeated-pd-human"):
        data.data_set("repeated-pd-humans")
    with pytest.raises(UnknownName, match=r"df2011\.csv"):
        data.path("repeated-pd-human", "df2012.csv")


def test_nothing_there_is_reported_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an empty folder every set is missing."""
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    assert {found.state for found in data.available()} == {"missing"}


@needs_data
def test_the_published_files_have_their_checksums() -> None:
    """Every file of every set that is here is the published one."""
    states = {found.slug: found.state for found in data.available()}
    assert set(states.values()) == {"ok"}, states


@needs_data
def test_every_file_reads_as_a_table() -> None:
    """Each file opens with the number of rows that its record states."""
    for known in data.data_sets().values():
        for file in known.files.values():
            assert known.table(file.name).num_rows == file.rows


@needs_data
def test_a_file_cut_short_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer rows than published is an error, not a smaller sample."""
    file = copy_to(tmp_path)
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-3]))
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match="27 rows where 30"):
        data.table(SLUG, FILE)


@needs_data
def test_a_garbled_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no table is named, with where to get it again."""
    copy_to(tmp_path).write_bytes(b"a,b\n1\n2,3,4\n")
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match=r"cannot be read.*datafsm"):
        data.table(SLUG, FILE)


@needs_data
def test_other_bytes_are_read_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with as many rows but another checksum is usable, and doctor calls it changed."""
    file = copy_to(tmp_path)
    file.write_text(file.read_text().replace("\n1,BR,", "\n1,XX,"))
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    with pytest.warns(UserWarning, match="checksum differs"):
        data.table(SLUG, FILE)
    assert data.verify(SLUG).state == "changed"
    told = dict(line.split(" sha256:") for line in data.used())
    assert told[f"{SLUG}/{FILE}"] != data.data_set(SLUG).files[FILE].sha256


@needs_data
def test_what_was_read_is_told_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was read is named with the checksum of what was read, even when the folder changes after."""
    copy_to(tmp_path)
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    data.table(SLUG, FILE)
    monkeypatch.setenv("MORES_DATA", "/nowhere")
    assert f"{SLUG}/{FILE} sha256:{data.data_set(SLUG).files[FILE].sha256}" in data.used()
