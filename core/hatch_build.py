"""
Builds the scanner in C (``callgraft/html/_skim.c``) where ``CALLGRAFT_SCANNER=1`` asks for it.

Without, the distribution is pure Python, and finds the same numbers at the same places. To have it
in a work tree: ``CALLGRAFT_SCANNER=1 pip install -e ./core``.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = Path("callgraft") / "html"


class ScannerBuildHook(BuildHookInterface):
    """Compiles before the wheel is made, which is one for this platform then."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Do so for wheels, also for those of an editable installation."""
        if self.target_name != "wheel" or os.environ.get("CALLGRAFT_SCANNER") != "1":
            return
        made = _compile(Path(self.root) / _FOLDER)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(str(_FOLDER / made.name))


def _compile(folder: Path) -> Path:
    made = folder / f"_skim{sysconfig.get_config_var('EXT_SUFFIX')}"
    linker = sysconfig.get_config_var("LDSHARED")
    if not linker:
        raise SystemExit("CALLGRAFT_SCANNER=1: Python does not tell its compiler; leave it out.")
    flags = [*shlex.split(sysconfig.get_config_var("CCSHARED") or ""), "-O3", "-DNDEBUG"]
    include = f"-I{sysconfig.get_path('include')}"
    source = str(folder / "_skim.c")
    command = [*shlex.split(linker), *flags, include, source, "-o", str(made)]
    subprocess.run(command, check=True)  # noqa: S603 - the compiler that Python was built with
    return made
