"""The one door to shipped files: finds them, says which is missing, leads nowhere else."""

from __future__ import annotations

import pytest

from core.errors import EnvironmentFault
from resources import read_bytes, read_text, resource_path


def test_a_shipped_file_is_found() -> None:
    assert resource_path("data/offices.json").is_file()
    assert resource_path("data").is_dir()
    assert read_text("data/offices.json") == read_bytes("data/offices.json").decode("utf-8")


def test_a_missing_file_is_the_installation_s_fault() -> None:
    with pytest.raises(EnvironmentFault, match="resource_missing"):
        read_text("data/nothing.json")


@pytest.mark.parametrize(
    "name", ["", "../app.py", "data/../../app.py", "/etc/hosts", "data\\offices.json", "C:data"]
)
def test_no_name_leads_out(name: str) -> None:
    with pytest.raises(ValueError):
        resource_path(name)
