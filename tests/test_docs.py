"""What the documents promise is there, and what is there stands in the documents."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.cli import app
from bot.config.loading import load, secret_keys
from bot.config.settings import file_model
from bot.encoder import FILES
from bot.knowledge.yaml.reader import read
from tests.french import slips

ROOT = Path(__file__).parent.parent
EXAMPLE = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
EVERYTHING_ON = re.sub(r"^#(?= *[a-z_]+:)", "", EXAMPLE, flags=re.MULTILINE)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
FRENCH = tuple(f"docs/{name}.md" for name in ("fichiers", "installer", "membres", "moderateurs"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
COMMANDS = {one.name or one.callback.__name__: one for one in app.registered_commands if one.callback}


def written_out(folder: Path) -> BaseModel:
    """All that may stand in the file, beside the encoder that it names."""
    encoder = folder / "encoders" / "bge-m3"
    encoder.mkdir(parents=True)
    for name in FILES:
        (encoder / name).touch()
    return file_model().model_validate(read(EVERYTHING_ON.encode(), "config.yaml").data, context=folder)


def sections(model: BaseModel, path: str = "") -> dict[str, BaseModel]:
    """The model and all models inside it, by path."""
    found = {path: model}
    for name in type(model).model_fields:
        if isinstance(inner := getattr(model, name), BaseModel) and name != "secrets":
            found |= sections(inner, f"{path}{name}.")
    return found


def test_the_example_settings_load_hold_every_setting_and_show_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(EXAMPLE, encoding="utf-8")
    given = load(tmp_path / "config.yaml", {})
    assert (*given.channels, given.digest, given.web) == ("matrix", None, None)
    for path, model in sections(written_out(tmp_path)).items():
        for name, field in type(model).model_fields.items():
            assert re.search(rf"^ *{name}:", EVERYTHING_ON, re.MULTILINE) or name == "secrets", path + name
            optional = field.is_required() or field.default is None or isinstance(field.default, BaseModel)
            if not optional and name not in {"knowledge", "store", "secrets"}:
                assert getattr(model, name) == field.default, path + name
    assert "\nknowledge: knowledge/ " in EXAMPLE
    assert "\nstore: sqlite:///var/concierge.db " in EXAMPLE


def test_each_command_and_each_secret_is_explained() -> None:
    page, secrets = TEXT[ROOT / "docs" / "commands.md"], [variable for _, variable in secret_keys()]
    assert [name for name in secrets if name not in page or name not in EXAMPLE] == []
    shown = [name for name, command in COMMANDS.items() if not command.hidden]
    assert [name for name in shown if f"| `concierge {name}" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_exist_and_its_links_lead_somewhere(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXT[page], re.MULTILINE)) <= targets
    assert set(re.findall(r"(?:^|`|bin/)concierge ([a-z]+)\b", TEXT[page], re.MULTILINE)) <= COMMANDS.keys()
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", TEXT[page])
    assert [link for link in links if not (page.parent / link).exists()] == []
    headings = re.findall(r"\]\(([^)#\s:]*\.md)?#([^)\s]+)\)", TEXT[page])
    places = [((page.parent / file).resolve() if file else page, name) for file, name in headings]
    assert [(file, name) for file, name in places if name not in anchors(file)] == []


def anchors(page: Path) -> set[str]:
    """The names that forges give to its headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", TEXT[page], flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: str) -> list[str]:
    """What its code blocks have you type, without the remarks."""
    lines = "".join(re.findall(r"```sh\n(.*?)```", TEXT[ROOT / page], re.DOTALL)).splitlines()
    return [re.sub(r"\s+# .*", "", line) for line in lines]


def links(page: str) -> set[str]:
    return set(re.findall(r"\]\(([^)\s]+)", TEXT[ROOT / page])) - {"README.md", "README.fr.md"}


def test_the_index_leads_to_every_page_and_the_readme_says_the_same_in_both_languages() -> None:
    pages = {page.name for page in PAGES if page.parent == ROOT / "docs"}
    assert links("docs/README.md") - {"../CONTRIBUTING.md"} == pages - {"README.md"}
    assert commands("README.fr.md") == commands("README.md")
    assert links("README.fr.md") == links("README.md")


@pytest.mark.parametrize("page", [*FRENCH, "README.fr.md"])
def test_french_pages_are_set_as_french_is(page: str) -> None:
    """No-break spaces and typographic apostrophes, but in remarks, code, addresses and in what a moderator types."""
    not_prose = re.compile(r"<!--.*?-->|```.*?```|\]\([^)]*\)|^\|[-:|]+$", re.DOTALL | re.MULTILINE)
    prose = not_prose.sub("", TEXT[ROOT / page])
    assert {line: found for line in prose.splitlines() if (found := slips(line))} == {}
