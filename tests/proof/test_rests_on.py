"""A figure is said to hold only of the code that it was measured at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from proof.prove import PARTS, Part, main, still
from proof.rests_on import ALWAYS, ROOT, WHOLE, modules, unchanged

from proof import prove

FILES = {
    "proof/__init__.py": "",
    "proof/long.py": "from proof import near\nfrom treadguard.inner.deep import x\nimport os\n",
    "proof/near.py": "def f():\n    import treadguard.late\n",
    "proof/other.py": "import treadguard.unused\n",
    "src/treadguard/__init__.py": "",
    "src/treadguard/inner/__init__.py": "from . import beside\n",
    "src/treadguard/inner/deep.py": "from .beside import y\nx = y\n",
    "src/treadguard/inner/beside.py": "y = 1\n",
    "src/treadguard/late.py": "",
    "src/treadguard/unused.py": "",
    "data/read.txt": "",
    "pyproject.toml": "",
    "uv.lock": "",
}
PART = Part("long", "", "", lambda _: (), lambda _: "", ("proof.long",), ("data",))


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@x.invalid"]
    asked = ["git", "-C", str(root), *who, *words]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "--no-verify", "-m", "x")
    monkeypatch.setattr(prove, "ROOT", tmp_path)
    monkeypatch.setattr(prove, "modules", lambda *names: modules(*names, root=tmp_path))
    return tmp_path


def test_modules_are_followed_wherever_they_are_imported(house: Path) -> None:
    assert set(modules("proof.long", root=house)) == {
        name
        for name in FILES
        if name.endswith(".py") and name not in ("proof/other.py", "src/treadguard/unused.py")
    }


@pytest.mark.parametrize("name", FILES)
def test_a_figure_is_of_older_code_where_a_file_that_it_rests_on_has_changed(
    house: Path, name: str
) -> None:
    commit = git(house, "rev-parse", "HEAD")
    assert still(PART, commit)
    (house / name).write_text("# changed\n")
    holds = name in ("proof/other.py", "src/treadguard/unused.py")
    assert still(PART, commit) is holds
    git(house, "commit", "-qam", "y", "--no-verify")
    assert still(PART, commit) is holds


def test_what_no_commit_shows_is_of_older_code(house: Path) -> None:
    assert not still(PART, git(house, "rev-parse", "HEAD") + " and changes")
    assert not still(PART, "unknown")
    assert not unchanged("0123456789", ["proof"], house)


def test_every_part_rests_on_what_does_it() -> None:
    for part in PARTS:
        assert set(ALWAYS) <= set(part.rests_on)
        assert all((ROOT / path).exists() for path in part.rests_on), part.name
        assert set(WHOLE) <= set(part.rests_on) or "src/treadguard/__init__.py" in part.rests_on
    by_name = {part.name: part.rests_on for part in PARTS}
    assert "src/treadguard/guard/hear.py" in by_name["core"]
    assert "src/treadguard/gate.py" in by_name["enumeration"]
    assert "src/treadguard/session/service.py" in by_name["service"]
    assert "src/treadguard/ftms/treadmill_data.py" in by_name["fuzz-2acd"]
    assert "src/treadguard/guard/hear.py" not in by_name["fuzz-2acd"]


def test_the_page_is_written_anew_without_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prove, "KEPT", tmp_path / "figures.json")
    monkeypatch.setattr(prove, "FIGURES", tmp_path / "figures.md")
    monkeypatch.setattr(prove, "measured", None)
    assert main(["--page"]) == 0
    assert prove.FIGURES.read_text().count("not measured yet") == len(PARTS)
