"""``make run TOUR=only``: the story is told only as far as it really happened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def tour(*, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", "examples.tour", "--only"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_tour_goes_through_to_its_end():
    done = tour()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert "8 (4812) 00-00-01" in done.stdout
    assert "plastic-windows" in done.stdout
    assert done.stdout.rstrip().endswith("Every step happened.")


def test_the_tour_leaves_nothing_behind():
    before = set(ROOT.glob(".run/*"))
    tour()
    assert set(ROOT.glob(".run/*")) == before


def test_the_tour_fails_at_the_step_that_does_not_happen(tmp_path):
    copy = tmp_path / "examples"
    subprocess.run(["cp", "-r", ROOT / "examples", copy], check=True)
    okna = copy / "okna.toml"
    document = okna.read_text(encoding="utf-8")
    okna.write_text(document.replace('pool = "smolensk"', "keep = true"), encoding="utf-8")
    done = tour(cwd=tmp_path)
    assert done.returncode == 1
    assert "✗" in done.stdout
    assert "Every step happened." not in done.stdout
