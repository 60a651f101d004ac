"""Which migrations a process counts on, by their files."""

from pathlib import Path

from florin_chassis.schema import newest_revisions


def written(folder: Path, name: str, depends_on: str = "None") -> None:
    (folder / f"{name}.py").write_text(f"depends_on = {depends_on}\n")


def test_the_newest_of_each_history_is_counted_on(tmp_path: Path) -> None:
    for name in ("weather_0001_tables", "weather_0002_more", "chassis_0003_tables"):
        written(tmp_path, name)
    assert newest_revisions(tmp_path) == {"weather": 2, "chassis": 3}


def test_a_history_whose_newest_another_depends_on_has_no_row_and_is_not_looked_for(
    tmp_path: Path,
) -> None:
    written(tmp_path, "chassis_0003_tables")
    written(tmp_path, "weather_0001_tables", '"chassis_0003"')
    written(tmp_path, "weather_0002_more")
    assert newest_revisions(tmp_path) == {"weather": 2}


def test_one_that_went_on_since_has_its_row_again(tmp_path: Path) -> None:
    written(tmp_path, "chassis_0003_tables")
    written(tmp_path, "chassis_0004_more")
    written(tmp_path, "weather_0001_tables", '"chassis_0003"')
    assert newest_revisions(tmp_path) == {"weather": 1, "chassis": 4}
