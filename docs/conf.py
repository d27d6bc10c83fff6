"""How the site is built: `make docs`. The handouts and the reference of hooks are brought in here."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import hooks_page  # noqa: E402 - lies beside this file

shutil.copytree(HERE.parent / "handouts", HERE / "handouts", dirs_exist_ok=True)
hooks_page.PAGE.write_text(hooks_page.render(), encoding="utf-8")

project = "Threadlab"
author = "The authors of Threadlab"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "screenshots"]
html_theme = "furo"
html_title = "Threadlab"
# Handouts and pages that lead into the repository are read there, too; what is no page is no link here.
suppress_warnings = ["myst.xref_missing"]
html_copy_source = False
html_show_sourcelink = False
