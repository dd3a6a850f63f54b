"""Run a module that ends when its starter does: python -m bot.demo.leash MODULE FOLDER ARGUMENT…

The starter holds the other end of our standard input. When it closes, however the starter died (SIGKILL included),
this process ends at once, and removes FOLDER unless that is `-`. Works where there is no PR_SET_PDEATHSIG too.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import threading


def _end_with_starter(folder: str) -> None:
    while os.read(0, 1024):
        pass
    if folder != "-":
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    module, folder, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with_starter, args=(folder,), daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
