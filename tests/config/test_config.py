"""The settings file as operators write it: what is understood, what is refused, and where it says so."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
from datetime import time
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.matrix import MatrixSettings
from bot.config.loading import cache_folder, language, load
from bot.config.settings import Settings, file_model
from bot.encoder import FILES
from bot.knowledge.yaml.problems import Faulty
from bot.locale import LANGUAGES, wording
from bot.matching.decision import Thresholds

MATRIX = 'matrix: {homeserver: "https://m.example.org", user: "@bot:example.org", rooms: ["#a:example.org"]}\n'
FORUM = "discourse: {url: 'https://f.example', username: c}\n"


def settings(folder: Path, text: str, environ: dict[str, str] | None = None, name: str = "config.yaml") -> Settings:
    (folder / name).write_text(text, encoding="utf-8")
    return load(folder / name, environ or {})


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    """Everything that is said against the settings, one sentence a line."""
    with pytest.raises(Faulty) as fault:
        settings(folder, text, environ)
    assert all(problem.say(wording(language)) for language in LANGUAGES for problem in fault.value.problems)
    return "\n".join(problem.say(wording("fr")) for problem in fault.value.problems)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "!a:b", "#a:b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*MatrixSettings.model_fields, "semantic", "port", "minutes", "day"]), inner)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*file_model().model_fields, "password"]) | st.text(max_size=5), VALUES))
def test_any_values_give_settings_or_what_is_wrong_with_them(values: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            problems = settings(Path(folder), json.dumps(values), name="config.json").warnings
        except Faulty as fault:
            problems = fault.problems
            assert problems
        assert all(problem.say(wording("en")) for problem in problems)


def test_rooms_and_categories_may_have_a_region_and_rooms_their_own_way_of_listening(tmp_path: Path) -> None:
    text = """
matrix:
  homeserver: https://matrix.example.org
  user: "@concierge:example.org"
  rooms: [{room: "#bzh:example.org", region: Bretagne, listen: mentions}, "!v12roomid"]
  listen: rehearsal
  moderators_room: "#mod:example.org"
discourse:
  url: https://forum.example.org
  username: concierge
  categories: [formations, {category: normandie, region: Normandie}]
"""
    given = settings(tmp_path, text)
    assert given.regions == {
        **{"#mod:example.org": None, "#bzh:example.org": "Bretagne", "!v12roomid": None},
        **{"formations": None, "normandie": "Normandie"},
    }
    matrix = cast(MatrixSettings, given.channels["matrix"])
    assert matrix.listening == {"#bzh:example.org": "mentions", "!v12roomid": "rehearsal"}
    assert Settings().regions is None
    wrong = "discourse: {url: 'https://x.org', username: c, categories: [{categorie: bretagne}]}"
    assert "{category: bretagne}" in refused(tmp_path, wrong)


@pytest.mark.parametrize(
    ("knowledge", "store", "place", "url"),
    [
        ("../answers", "sqlite:///data/bot.db", "{here}/../answers", "sqlite:///{here}/data/bot.db"),
        ("/srv/answers", "sqlite:////srv/bot.db", "/srv/answers", "sqlite:////srv/bot.db"),
    ],
)
def test_paths_count_from_the_folder_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knowledge: str, store: str, place: str, url: str
) -> None:
    monkeypatch.chdir("/")
    given = settings(tmp_path, MATRIX + f"knowledge: {knowledge}\nstore: {store}\n")
    assert str(given.knowledge) == place.format(here=tmp_path)
    assert given.store.get_secret_value() == url.format(here=tmp_path)
    assert settings(tmp_path, MATRIX).store.get_secret_value() == f"sqlite:///{tmp_path}/var/concierge.db"


def test_an_encoder_is_the_default_one_none_or_a_folder_that_has_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "modele").mkdir()
    for name in FILES:
        assert f"il manque {name} dans {tmp_path}/modele" in refused(tmp_path, MATRIX + "matching: {encoder: modele}")
        (tmp_path / "modele" / name).write_text("", encoding="utf-8")
    for line, wants, folder in (("", True, None), ("no", False, None), ("modele", True, tmp_path / "modele")):
        found = settings(tmp_path, MATRIX + f"matching: {{encoder: {line}}}").matching
        assert (found.semantic, found.encoder_folder) == (wants, folder)


def test_the_file_may_be_json_even_indented_with_tabs(tmp_path: Path) -> None:
    values = {
        "language": "en",
        "matrix": {"homeserver": "http://127.0.0.1:8008", "user": "@b:x.org", "rooms": ["!id"], "direct": False},
        "answers": {"confident": 0.7, "per_hour": 0},
    }
    given = settings(tmp_path, json.dumps(values, indent="\t"), name="config.json")
    matrix = cast(MatrixSettings, given.channels["matrix"])
    assert (given.language, matrix.direct) == ("en", False)
    assert (given.answers.confident, given.answers.per_hour) == (0.7, 0)


@pytest.mark.parametrize(
    ("when", "at"), [("monday 18:30", time(18, 30)), ("Lundi 7:05", time(7, 5)), ("LUNDI", time(9))]
)
def test_the_moment_of_the_digest_is_said_in_french_or_english(tmp_path: Path, when: str, at: time) -> None:
    digest = settings(tmp_path, MATRIX + f"digest: {{when: {when}}}").digest
    assert digest is not None
    assert (digest.day, digest.at) == ("monday", at)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("8081", "127.0.0.1", 8081),
        ("0.0.0.0:8080", "0.0.0.0", 8080),  # noqa: S104
        ("'[::1]:80'", "::1", 80),
        ("example.org:80", "example.org", 80),
    ],
)
def test_the_address_of_the_pages_is_a_host_and_a_port(tmp_path: Path, address: str, host: str, port: int) -> None:
    web = settings(tmp_path, MATRIX + f"web: {{address: {address}}}").web
    assert web is not None
    assert (web.host, web.port) == (host, port)


# Keys of earlier versions

RETIRED: list[tuple[str, dict[str, Any], list[str]]] = [  # a line, what it sets, and what is to be written instead
    ("matching: {semantic: false}", {"matching.semantic": False}, ["`encoder: false`"]),
    ("matching: {semantic: true}", {"matching.semantic": True}, ["matching.semantic"]),
    ("web: {port: 99}", {"web.address": "127.0.0.1:99"}, ['`address: "127.0.0.1:99"`']),
    ("web: {host: '::', port: 99}", {"web.address": "[::]:99"}, ['`address: "[::]:99"`']),
    ("web: {host: 0.0.0.0, address: 99}", {"web.address": "127.0.0.1:99"}, ["web.host"]),
    ("digest: {day: lundi, at: '7:30', rooms: ['#a:example.org']}", {"digest.when": "monday 07:30"}, ["lundi 7:30"]),
    ("flood: {questions: 20, minutes: 5}", {"flood.questions": 40}, ["`questions: 40`"]),
    ("flood: {minutes: 1}", {"flood.questions": 300}, ["`questions: 300`"]),
    ("flood: {questions: 0, minutes: 10}", {"flood.questions": 0}, ["flood.minutes"]),
    ("answers: {suggest: 0.25, confident: 0.8}", {"limits": Thresholds(0.8, 0.55, 0.3)}, ["answers.suggest"]),
    (FORUM.replace("c}", "c, pace: 3}"), {}, ["discourse.pace"]),
    (MATRIX.replace("}", ", avatar: false, encryption: false}"), {}, ["matrix.avatar", "matrix.encryption"]),
]


@pytest.mark.parametrize(("line", "means", "instead"), RETIRED, ids=[line for line, _, _ in RETIRED])
def test_a_key_of_an_earlier_version_is_understood_and_its_successor_is_named(
    tmp_path: Path, line: str, means: dict[str, Any], instead: list[str]
) -> None:
    given = settings(tmp_path, (line if "matrix" in line else f"{MATRIX}{line}") + "\n")
    for path, value in means.items():
        found: Any = given
        for name in path.split("."):
            found = getattr(found, name)
        assert found == value
    said = [warning.say(wording("fr")) for warning in given.warnings]
    assert len(said) == len(instead)
    for sentence, words in zip(said, instead, strict=True):
        assert f"config.yaml:{1 if 'matrix' in line else 2}: " in sentence
        assert words in sentence
    assert all(warning.warning and warning.say(wording("en")) for warning in given.warnings)


@pytest.mark.parametrize(
    ("line", "names"),
    [("web: {port: x}", "address (web.port)"), ("digest: {at: 25:00}", "HH:MM"), ("digest: {day: lundy}", "lundi")],
)
def test_a_wrong_value_of_such_a_key_is_refused_with_its_line(tmp_path: Path, line: str, names: str) -> None:
    said = refused(tmp_path, MATRIX + line)
    assert ("config.yaml:2: " in said, names in said) == (True, True)


@pytest.mark.parametrize("content", ['{"version": 1, "thresholds": {"confident": 0.1, "overheard": 0.1}}', "{", None])
def test_the_file_of_an_earlier_version_with_what_it_learned_is_ignored_and_named(
    tmp_path: Path, content: str | None
) -> None:
    learned = tmp_path / "config.learned.json"
    learned.mkdir() if content is None else learned.write_text(content, encoding="utf-8")
    given = settings(tmp_path, MATRIX)
    assert given.limits == Thresholds()
    (warning,) = given.warnings
    said = warning.say(wording("fr"))
    assert (warning.warning, "config.learned.json" in said, "`concierge rehearse`" in said) == (True, True, True)


# What is wrong

SECTION = {"homeserver": "https://m.example.org", "user": "'@bot:example.org'", "rooms": "['#a:example.org']"}
WRONG = [
    ("timezone: Europe/Pari", "Europe/Paris"),
    ("timezone: Europe", "Europe/"),
    ("language: de", "language"),
    ("answers: {confident: 1.2}", "≤ 1"),
    ("answers: {confident: nan}", "nan"),
    ("answers: {overheard: 0,6}", "6\u00a0»"),  # a comma would end the number, and let it speak at 0
    ("answers: {confident: -0.1}", "≥ 0"),
    ("answers: {per_hour: -1}", "per_hour"),
    ("flood: {questions: beaucoup}", "questions"),
    ("retention: {questions: 91}", "≤ 90"),
    ("digest: {when: lundy}", "lundi"),
    ("digest: {when: lundi 9h}", "HH:MM"),
    ("digest: {rooms: ['#autre:example.org']}", "#autre:example.org"),
    ("digest: {category: annonces}", "discourse"),
    ("web: {address: 70000}", "address"),
    ("web: {address: '::1:80'}", "[::1]"),
    ("web: {adress: 8080}", "address"),
    ("secrets: {matrix_password: s3cret}", "secret…"),
    ("name: 'a: b'", "name"),
    ("prefix: bot", "prefix"),
    ("knowlege: answers", "knowledge"),
    ("store: mysql://x/y", "sqlite:///"),
    ("store: sqlite://", "sqlite:///"),
    ("store: 'sqlite:///:memory:'", "sqlite:///"),
    ("discourse: {url: forum.example.org, username: c}", "https://"),
    ("discourse: {url: https://forum.example.org}", "username"),
    ("discourse: {url: 'https://a:b@forum.example.org', username: c}", "https://"),
    ("knowledge_git: peut-être", "knowledge_git"),
    ("matching: {encoder: nulle-part}", "nulle-part"),
    ("matching: {encoder: config.yaml}", "config.yaml"),
    ('matching: {encoder: "a\\0b"}', "encoder"),
    ("matching: {encoder: '~personne/modele'}", "personne"),
    (f"matching: {{encoder: {'x' * 300}}}", "xxx"),
    ("matching: {encodeur: modele}", "encoder"),
    *(
        ("matrix: {" + ", ".join(f"{key}: {value}" for key, value in (SECTION | wrong).items()) + "}", names)
        for wrong, names in (
            ({"user": "bot"}, "@"),
            ({"user": "'@bot'"}, "@"),
            ({"rooms": "[]"}, "rooms"),
            ({"rooms": "[fabmanagers]"}, "#"),
            ({"rooms": "['#fabmanagers']"}, "#"),
            ({"rooms": "[{room: '#a:b.org', listen: all}]"}, "listen"),
            ({"moderators": "['ana']"}, "@"),
            ({"moderators_room": "moderation"}, "#"),
            ({"homeserver": "example.org"}, "https://"),
            ({"ignor": "[]"}, "ignore"),
        )
    ),
]


@pytest.mark.parametrize(("text", "names"), WRONG, ids=[text[:60] for text, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_line(tmp_path: Path, text: str, names: str) -> None:
    said = refused(tmp_path, f"{FORUM if text.startswith('matrix') else MATRIX}{text}")
    assert f"{tmp_path}/config.yaml:2: " in said
    assert names in said
    assert said.count("config.yaml:") == 1


def test_everything_wrong_is_said_in_one_go_in_the_order_of_the_lines(tmp_path: Path) -> None:
    said = refused(tmp_path, "langage: fr\n" + MATRIX.replace("https", "ftp") + "flood: {questions: -5}\n")
    assert re.findall(r"config\.yaml:(\d+): ", said) == ["1", "2", "3"]
    assert "language" in said.splitlines()[0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name: Concierge\n", ("matrix", "discourse")),
        *((text, ()) for text in ("", "- a\n- b\n", "bonjour", "matrix: [", "\x00", "matrix: &x {}\ndiscourse: *x")),
    ],
)
def test_what_is_no_settings_file_gets_a_sentence(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    with pytest.raises(Faulty) as fault:
        load(tmp_path / "config.yaml", {})
    assert f"{tmp_path}/config.yaml: " in fault.value.problems[0].say(wording("fr"))  # there is none yet
    said = refused(tmp_path, text)
    assert all(name in said for name in ("config.yaml", *names))


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("contact: [ana]", 'contact: "ana"'),
        ("contact: [Ana, contact@example.org]  # qui", 'contact: "Ana, contact@example.org"  # qui'),
    ],
)
def test_a_list_in_brackets_where_one_text_is_wanted_becomes_that_text(tmp_path: Path, line: str, right: str) -> None:
    assert refused(tmp_path, f"{line}\n{MATRIX}").endswith(f"\n{right}")


@pytest.mark.parametrize("rooms", ["rooms: #a:example.org", "rooms:\n    - #a:example.org"])
def test_what_is_lost_after_a_sign_is_said_with_the_line_to_write(tmp_path: Path, rooms: str) -> None:
    text = f'matrix:\n  homeserver: "https://m.example.org"\n  user: "@bot:example.org"\n  {rooms}\n'
    said = refused(tmp_path, text)
    assert "«\u00a0#\u00a0»" in said
    assert said.splitlines()[-1] == f"  {rooms}".splitlines()[-1].replace("#a:example.org", '"#a:example.org"')


# Secrets

SECRETS = {
    "CONCIERGE_MATRIX_PASSWORD": "s3cret-one",
    "CONCIERGE_MATRIX_ACCESS_TOKEN": "s3cret-two",
    "CONCIERGE_MATRIX_SIGNING_SEED": "s3cret-three",
    "CONCIERGE_MATRIX_KEYS_SECRET": "s3cret-three-and-a-half",
    "CONCIERGE_DISCOURSE_API_KEY": "s3cret-four",
    "CONCIERGE_DISCOURSE_WEBHOOK_SECRET": "s3cret-five",
    "CONCIERGE_DATABASE_URL": "postgresql://bot:s3cret-six@db.example.org/concierge",
}


@pytest.mark.parametrize("in_files", [False, True])
def test_secrets_come_from_the_environment_or_files_and_show_nowhere(tmp_path: Path, in_files: bool) -> None:
    environ = {}
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
        environ |= {f"{name}_FILE": str(tmp_path / name)} if in_files else {name: value}
    given = settings(tmp_path, MATRIX, environ)
    assert [secret.get_secret_value() for secret in [*given.secrets.values(), given.store]] == list(SECRETS.values())
    assert "s3cret" not in f"{given!r} {given} {given.model_dump()} {given.model_dump_json()}"


def test_an_empty_variable_counts_as_none_and_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    given = settings(tmp_path, MATRIX, {"CONCIERGE_MATRIX_PASSWORD": "", "CONCIERGE_DATABASE_URL_FILE": ""})
    assert given.secrets == {}
    assert given.store.get_secret_value().startswith("sqlite:///")
    environ = {"CONCIERGE_MATRIX_PASSWORD_FILE": str(tmp_path / "none")}
    assert f"CONCIERGE_MATRIX_PASSWORD_FILE: {tmp_path / 'none'}: " in refused(tmp_path, MATRIX, environ)


def test_a_folder_of_secrets_that_may_not_be_looked_into_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exists(path: Path) -> bool:
        if path.parent.name == "secrets":
            raise PermissionError(errno.EACCES, "Permission denied")
        return os.path.exists(path)

    monkeypatch.setattr(Path, "exists", exists)
    said = refused(tmp_path, MATRIX)
    assert f"{tmp_path / 'secrets' / 'matrix_password'}: " in said
    assert f"`chown {os.getuid()}`" in said


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("store: postgresql://bot:s3cret@db.example.org/x", "CONCIERGE_DATABASE_URL"),
        (MATRIX.replace("{", "{password: s3cret, "), "CONCIERGE_MATRIX_PASSWORD"),
        (MATRIX.replace("{", "{access_token: s3cret, "), "CONCIERGE_MATRIX_ACCESS_TOKEN"),
        ("discourse: {url: https://f.org, username: c, api_key: s3cret}", "CONCIERGE_DISCOURSE_API_KEY"),
    ],
)
def test_a_secret_in_the_file_is_refused_with_its_variable(tmp_path: Path, text: str, variable: str) -> None:
    said = refused(tmp_path, text if "matrix:" in text else MATRIX + text)
    assert variable in said
    assert "s3cret" not in said


def test_a_wrong_address_of_the_database_is_refused_without_showing_it(tmp_path: Path) -> None:
    said = refused(tmp_path, MATRIX, {"CONCIERGE_DATABASE_URL": "postgres://bot:s3cret@db/x"})
    assert "CONCIERGE_DATABASE_URL: " in said
    assert "s3cret" not in said


# Around it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("language: en", "en"),
        ('name: x\nlanguage: "en" # c', "en"),
        ('{"language": "en"}', "en"),
        ("language: xx", "fr"),
        ("", "fr"),
    ],
)
def test_faults_are_said_in_the_language_of_the_settings(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    assert language(tmp_path / "config.yaml") == expected


def test_the_cache_lies_where_caches_lie_or_is_none(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "cache")}) == tmp_path / "cache" / "concierge"
    (tmp_path / "file").touch()
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "file")}) is None


@pytest.mark.parametrize(
    ("text", "has_team"),
    [
        (MATRIX, False),
        (MATRIX.replace("rooms", "moderators: ['@mo:example.org'], rooms"), False),  # they may look; nobody tells them
        (MATRIX.replace("rooms", "moderators_room: '#mod:example.org', rooms"), True),
        (MATRIX + FORUM, False),
        (MATRIX + FORUM.replace("username", "moderators_group: equipe, username"), True),
    ],
)
def test_a_room_or_a_group_is_told_of_questions(tmp_path: Path, text: str, has_team: bool) -> None:
    assert settings(tmp_path, text).has_team is has_team


@pytest.mark.parametrize(("digest", "warned"), [("{when: lundi}", True), ("{rooms: ['#a:example.org']}", False)])
def test_a_digest_without_a_place_is_a_warning(tmp_path: Path, digest: str, warned: bool) -> None:
    found = [problem.key for problem in settings(tmp_path, MATRIX + f"digest: {digest}\n").warnings]
    assert found == ["setting_digest_nowhere"] * warned


@pytest.mark.parametrize(("rooms", "warned"), [("['#a:x.org', '#mod:x.org']", True), ("['#a:x.org']", False)])
def test_a_moderators_room_where_members_ask_is_a_warning_with_its_line(
    tmp_path: Path, rooms: str, warned: bool
) -> None:
    text = (
        f"matrix:\n  homeserver: https://x.org\n  user: '@c:x.org'\n  rooms: {rooms}\n  moderators_room: '#mod:x.org'\n"
    )
    found = [(problem.line, problem.key) for problem in settings(tmp_path, text).warnings]
    assert found == [(5, "setting_shared_moderators_room")] * warned
