"""A target's process: started, watched to its end, its figures read; and corpora merged.

The rule to keep: a figure is what libFuzzer counted itself, never what was asked for.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proof.fuzz.seeds import seeds
from proof.fuzz.target import Target

ROOT: Final = Path(__file__).parents[2]
CORPORA: Final = ROOT / "tests/corpora"

CORPUS_FILES: Final = 190
CORPUS_BYTES: Final = 250_000
INPUT_TIMEOUT_S: Final = 25
"""An input that takes longer than this is a finding as well."""

_EXECUTED: Final = re.compile(
    r"stat::number_of_executed_units:\s*(\d+)|^Done (\d+) runs", re.MULTILINE
)
_RAISED: Final = re.compile(r"=== Uncaught Python exception: ===\n(.+)")
_KEPT_NAME: Final = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one target's run was. `crash` is what was raised, `input` the file that raises it."""

    name: str
    asked: int
    runs: int
    seconds: float
    crash: str | None = None
    input: str | None = None

    @property
    def per_s(self) -> int:
        return round(self.runs / self.seconds) if self.seconds else 0


def command(target: Target, *options: str) -> list[str]:
    """The program that runs this target with these options of libFuzzer's."""
    name = f"{target.run.__module__}:{target.name}"
    return [sys.executable, "-m", "proof.fuzz.one", name, *options]


def fuzz(target: Target, runs: int, seconds: int, work: Path) -> None:
    """Run it to the end; its words go to `work/log`, new inputs to `work/corpus`."""
    corpus, begin, found = (work / name for name in ("corpus", "seeds", "found"))
    for folder in (corpus, begin, found):
        folder.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(seeds(target.name)):
        (begin / f"{n}").write_bytes(seed)
    words = work / "words"
    words.write_text(
        "\n".join(f'"{_escaped(word)}"' for word in target.words) + "\n", encoding="ascii"
    )
    options = (
        f"-runs={runs}",
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_TIMEOUT_S}",
        f"-artifact_prefix={found}/",
        f"-dict={words}",
        "-print_final_stats=1",
    )
    kept = CORPORA / target.name
    folders = [str(folder) for folder in (corpus, begin, kept) if folder.is_dir()]
    with (work / "log").open("wb") as log:
        subprocess.run(
            command(target, *options, *folders), cwd=ROOT, stderr=log, stdout=log, check=False
        )


def figures(target: Target, asked: int, seconds: float, work: Path) -> Figures:
    """What the log in `work` says of a run that took so long."""
    log = (work / "log").read_text("utf-8", "replace")
    counted = [int(one or other) for one, other in _EXECUTED.findall(log)]
    runs = max(counted, default=0)
    found = sorted(path for path in (work / "found").iterdir() if path.is_file())
    raised = _RAISED.search(log)
    crash = None
    if raised is not None:
        crash = raised[1].strip()
    elif found:
        crash = "it took too long or too much memory"
    elif not counted:
        crash = "it ended without a figure: see its log"
    shown = None if crash is None else str(found[0] if found else work / "log")
    return Figures(target.name, asked, runs, seconds, crash, shown)


def keep(target: Target, work: Path) -> int:
    """Merge new inputs into the kept corpus, minimised; how many files it has then.

    A file with a name of its own stays: somebody put it there for a reason.
    """
    folder = CORPORA / target.name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="treadguard-merge-") as merged:
        known = [str(each) for each in (folder, work / "seeds", work / "corpus") if each.is_dir()]
        done = subprocess.run(
            command(target, "-merge=1", merged, *known), cwd=ROOT, capture_output=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[-500:])
        chosen = _chosen(sorted(Path(merged).iterdir(), key=lambda file: file.stat().st_size))
        for file in folder.iterdir():
            if _KEPT_NAME.fullmatch(file.name):
                file.unlink()
        for file in chosen:
            (folder / file.name).write_bytes(file.read_bytes())
    return len(list(folder.iterdir()))


def _chosen(by_size: list[Path]) -> list[Path]:
    """As many as there is room for, small and large alike."""
    while len(by_size) > CORPUS_FILES or sum(f.stat().st_size for f in by_size) > CORPUS_BYTES:
        by_size = [file for n, file in enumerate(by_size) if n % 10 != 5]
    return by_size


def _escaped(word: str) -> str:
    plain = set(map(chr, range(32, 127))) - set('"\\')
    return "".join(
        char if char in plain else "".join(f"\\x{byte:02x}" for byte in char.encode())
        for char in word
    )
