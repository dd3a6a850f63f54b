"""Run a module that ends with its parent process: python -m bot.demo.parent_watch MODULE FOLDER ARGUMENT…

The parent holds the other end of standard input. When it closes, even because of SIGKILL, this process ends at once and
removes FOLDER unless that is `-`. Portable, unlike PR_SET_PDEATHSIG.
"""

import os
import runpy
import shutil
import sys
import threading


def _end_with_parent(folder: str) -> None:
    while os.read(0, 1024):
        pass
    if folder != "-":
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    module, folder, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
