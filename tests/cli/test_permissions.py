"""Every command in folders that it may not use: a sentence with what helps, never a traceback, the right exit code.

Root without its right to override permissions runs the commands; what it may not use belongs to another account.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.backup import back_up
from bot.store import Store

OTHER = 65534
SETPRIV = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner")
possible = os.getuid() == 0 and shutil.which("setpriv") is not None
pytestmark = pytest.mark.skipif(not possible, reason="only root can give files to another account")

# Loads the program once; each command then runs in a process of its own, without a terminal, under a narrow umask.
DRIVER = """
import json, os, sys
import bot.cli, bot.app.main, bot.app.digest_command, bot.app.terminal_talk, bot.doctor
os.umask(0o077)
children = []
for number, (folder, arguments) in enumerate(json.load(sys.stdin)):
    children.append(os.fork())
    if children[-1]:
        continue
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(f"{sys.argv[1]}/{number}", os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(1, 2)
    os.chdir(folder)
    sys.argv[1:] = arguments
    try:
        bot.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        import traceback
        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    os._exit(code)
for child in children:
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
SETTINGS = """\
language: fr
matching: {encoder: false}
digest: {when: lundi, rooms: ["#salon:x.example"]}
matrix: {homeserver: "http://127.0.0.1:9", user: "@c:x.example", rooms: ["#salon:x.example"]}
"""
ANSWERS = """\
theme: "A"
entries:
  - {id: du, title: "Le DU", questions: ["Où se former ?"], answer: "Ici."}
"""
FILES = {
    "config.yaml": SETTINGS,
    "knowledge/a.yaml": ANSWERS,
    "secrets/matrix_password": "secret\n",
    "labelled.jsonl": "".join(f'{{"text": "Où se former {n} ?", "expect": "du"}}\n' for n in range(110)),
    "said.jsonl": '{"text": "Où se former ?"}\n',
    "faq.md": "# Où dormir ?\n\nAu gîte.\n",
    "out/here.txt": "",
}
COMMANDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("run", "doctor", "digest", "digest --publish", "check", "check --links", "chat"), ()),
    "backup": ("out/new.zip",),
    "restore": ("before.zip",),
    "site": ("out/site",),
    "ask": ("Où se former ?",),
    "eval": ("labelled.jsonl",),
    "rehearse": ("said.jsonl", "--output", "out/report.html"),
    "import": ("faq.md",),
    "import --all": ("http://127.0.0.1:9/t/4",),
    "init": ("--config", "out/config.yaml"),
}
NEEDS_STORE = ("run", "doctor", "backup", "restore", "digest", "digest --publish")
Ended = Mapping[tuple[str, str], tuple[int, str]]
CASES: Sequence[tuple[str, Sequence[str], int, str]] = (  # what belongs to another account, commands, code, words
    ("store", NEEDS_STORE, 1, "`chown -R 0 {home}/var`"),
    ("store", ("site", "check --links"), 0, "`chown -R 0 {home}/var`"),
    ("store", ("ask", "chat", "check", "import"), 0, ""),
    ("store", ("import --all",), 1, "127.0.0.1:9"),
    ("store", ("init",), 1, "Sans terminal"),
    ("settings", tuple(name for name in COMMANDS if not name.startswith("init")), 2, "config.yaml: "),
    ("settings", ("run", "check", "ask"), 2, "`chown 0`"),
    ("secrets", ("run", "doctor", "digest", "backup"), 2, "`chown 0`"),
    ("answers", ("run", "digest", "ask", "chat", "eval", "import"), 2, "`chown 0`"),
    ("answers", ("check", "site"), 1, "`chown 0`"),
    ("answers", ("doctor",), 1, "concierge check"),
    ("places to write", ("backup", "site", "rehearse", "import"), 1, "accès refusé"),
    ("places to write", ("init",), 1, "{home}/out ne peut pas être écrit (accès refusé)"),
    ("places to write", ("restore",), 0, "Remis en place"),
    ("place of the store", ("run",), 1, "`install -d -o 0 {home}/var`"),
    ("keys", ("backup",), 1, "`chown -R 0 {home}/var/keys`"),
    ("folder above the store", ("digest",), 1, "`chmod o+x {home}/above`"),
)
GIVEN = {
    "store": ("var",),
    "settings": ("config.yaml",),
    "secrets": ("secrets",),
    "answers": ("knowledge",),
    "places to write": (".", "out", "knowledge"),
    "place of the store": (".",),
    "keys": ("var/keys",),
    "folder above the store": ("above",),
}


def furnish(folder: Path, owner: str) -> None:
    """A folder with settings, answers and the store of a bot that ran, some of it given to another account."""

    async def a_bot_that_ran() -> None:
        await (await Store.open(f"sqlite:///{folder}/var/concierge.db")).close()

    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    asyncio.run(a_bot_that_ran())
    (folder / "var" / "keys").mkdir()
    (folder / "above").mkdir()
    if owner == "folder above the store":
        (folder / "config.yaml").write_text(f"{SETTINGS}store: sqlite:///{folder}/above/a/var/c.db\n", encoding="utf-8")
    back_up(f"sqlite:///{folder}/var/concierge.db", folder / "var" / "keys", folder / "before.zip")
    if owner == "place of the store":
        shutil.rmtree(folder / "var")
    is_open = "." in GIVEN[owner]
    for given in GIVEN[owner]:
        inside = () if given == "." else (folder / given).rglob("*")
        for path in (folder / given, *inside):
            path.chmod((0o755 if is_open else 0o700) if path.is_dir() else (0o644 if is_open else 0o600))
            os.chown(path, OTHER, OTHER)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="module")
def ended(home: Path) -> Ended:
    """Code and words of each command, by what belongs to another account."""
    for owner in GIVEN:
        furnish(home / owner.replace(" ", "-"), owner)
    (home / "logs").mkdir()
    wanted = [*dict.fromkeys((owner, name) for owner, names, _, _ in CASES for name in names)]
    lines = [[f"{home / owner.replace(' ', '-')}", [*name.split(), *COMMANDS[name]]] for owner, name in wanted]
    command = [*SETPRIV, sys.executable, "-c", DRIVER, str(home / "logs")]
    driven = subprocess.run(command, input=json.dumps(lines), capture_output=True, text=True, check=True)  # noqa: S603
    said = [(home / "logs" / str(number)).read_text(encoding="utf-8") for number in range(len(wanted))]
    return dict(zip(wanted, zip(map(int, driven.stdout.split()), said, strict=True), strict=True))


def test_what_belongs_to_another_account_is_said_with_what_helps(ended: Ended, home: Path) -> None:
    for owner, names, code, words in CASES:
        for name in names:
            got, said = ended[owner, name]
            assert got == code, (owner, name, said)
            assert words.format(home=home / owner.replace(" ", "-")) in said, (owner, name)
            assert owner != "folder above the store" or "chown" not in said  # it is not given away
            assert "Traceback" not in said, (owner, name)
            assert "non prévue" not in said, (owner, name)
