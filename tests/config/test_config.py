"""The settings file as operators write it: what is understood, what is refused, and where it says so."""

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
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.app.digest_settings import schedule
from bot.channels.matrix import MatrixSettings
from bot.config.loading import cache_folder, language, load
from bot.config.settings import Settings, file_model
from bot.encoder import FILES
from bot.knowledge.yaml.problems import Faulty
from bot.locale import LANGUAGES, wording
from bot.matching.decision import Thresholds

MATRIX = 'matrix: {homeserver: "https://m.example.org", user: "@bot:example.org", rooms: ["#a:example.org"]}\n'
SHARED = """\
matrix:
  homeserver: https://x.org
  user: '@c:x.org'
  rooms: ['#a:x.org', '#mod:x.org']
  moderators_room: '#mod:x.org'
"""
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
    st.sampled_from([None, False, True, "", "!a:b", "#a:b"]) | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*MatrixSettings.model_fields, "semantic", "port", "minutes", "day"]), inner)
    ),
    max_leaves=10,
)


@settings_of_hypothesis(max_examples=int(os.environ.get("CONCIERGE_EXAMPLES", "40")))
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


def test_a_value_means_what_people_expect(tmp_path: Path) -> None:
    lines: list[tuple[str, dict[str, Any]]] = [
        ("digest: {when: monday 18:30}", {"digest.when": "monday 18:30"}),
        ("digest: {when: Lundi 7:05}", {"digest.when": "monday 07:05"}),
        ("digest: {when: LUNDI}", {"digest.when": "monday 09:00"}),
        ("web: {address: 8081}", {"web.host": "127.0.0.1", "web.port": 8081}),
        ("web: {address: 0.0.0.0:8080}", {"web.host": "0.0.0.0", "web.port": 8080}),  # noqa: S104
        ("web: {address: '[::1]:80'}", {"web.host": "::1", "web.port": 80}),
        ("knowledge: /srv/answers", {"knowledge": Path("/srv/answers")}),
        ("knowledge: ../answers", {"knowledge": Path("{here}/../answers")}),  # from the folder of the settings
        ("store: sqlite:////srv/bot.db", {"store": "sqlite:////srv/bot.db"}),
        ("store: sqlite:///data/bot.db", {"store": "sqlite:///{here}/data/bot.db"}),
        ("", {"store": "sqlite:///{here}/var/concierge.db"}),
    ]
    for line, means in lines:
        check_values(settings(tmp_path, MATRIX + line), means, tmp_path)


def check_values(given: Settings, means: dict[str, Any], folder: Path) -> None:
    """Whether the settings have these values, by their path; `{here}` is the folder."""
    for path, value in means.items():
        found: Any = given
        for name in path.split("."):
            found = getattr(found, name)
        found = found.get_secret_value() if isinstance(found, SecretStr) else found
        assert str(found) == str(value).replace("{here}", str(folder)), path


def test_the_digest_comes_at_the_day_and_time_of_the_file(tmp_path: Path) -> None:
    for when, weekday, at in (("Lundi 7:05", 0, time(7, 5)), ("sunday 18:30", 6, time(18, 30)), ("JEUDI", 3, time(9))):
        week = schedule(settings(tmp_path, f"{MATRIX}digest: {{when: {when}}}\n"))
        assert week
        assert (week.weekday, week.at) == (weekday, at)
    assert schedule(settings(tmp_path, MATRIX)) is None


def test_the_file_may_be_json_even_indented_with_tabs(tmp_path: Path) -> None:
    matrix = {"homeserver": "http://127.0.0.1:8008", "user": "@b:x.org", "rooms": ["!id"], "direct": False}
    values = {"language": "en", "matrix": matrix, "answers": {"confident": 0.7, "per_hour": 0}}
    given = settings(tmp_path, json.dumps(values, indent="\t"), name="config.json")
    check_values(given, {"language": "en", "answers.confident": 0.7, "answers.per_hour": 0}, tmp_path)
    assert not cast(MatrixSettings, given.channels["matrix"]).direct


def test_an_encoder_is_the_default_one_none_or_a_folder_that_has_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "modele").mkdir()
    for name in FILES:
        assert f"il manque {name} dans {tmp_path}/modele" in refused(tmp_path, MATRIX + "matching: {encoder: modele}")
        (tmp_path / "modele" / name).write_text("", encoding="utf-8")
    for line, wants, folder in (("", True, None), ("no", False, None), ("modele", True, tmp_path / "modele")):
        found = settings(tmp_path, MATRIX + f"matching: {{encoder: {line}}}").matching
        assert (found.semantic, found.encoder_folder) == (wants, folder)


def test_an_earlier_key_is_understood_and_its_successor_is_named(tmp_path: Path) -> None:
    retired: list[tuple[str, dict[str, Any], list[str]]] = [  # a line, what it sets, what is to be written instead
        ("matching: {semantic: false}", {"matching.semantic": False}, ["`encoder: false`"]),
        ("matching: {semantic: true}", {"matching.semantic": True}, ["matching.semantic"]),
        ("web: {port: 99}", {"web.address": "127.0.0.1:99"}, ['`address: "127.0.0.1:99"`']),
        ("web: {host: '::', port: 99}", {"web.address": "[::]:99"}, ['`address: "[::]:99"`']),
        ("web: {host: 0.0.0.0, address: 99}", {"web.address": "127.0.0.1:99"}, ["web.host"]),
        (
            "digest: {day: lundi, at: '7:30', rooms: ['#a:example.org']}",
            {"digest.when": "monday 07:30"},
            ["lundi 7:30"],
        ),
        ("flood: {questions: 20, minutes: 5}", {"flood.questions": 40}, ["`questions: 40`"]),
        ("flood: {minutes: 1}", {"flood.questions": 300}, ["`questions: 300`"]),
        ("flood: {questions: 0, minutes: 10}", {"flood.questions": 0}, ["flood.minutes"]),
        ("answers: {suggest: 0.25, confident: 0.8}", {"limits": Thresholds(0.8, 0.55, 0.3)}, ["answers.suggest"]),
        (FORUM.replace("c}", "c, pace: 3}"), {}, ["discourse.pace"]),
        (MATRIX.replace("}", ", avatar: false, encryption: false}"), {}, ["matrix.avatar", "matrix.encryption"]),
    ]
    for line, means, instead in retired:
        given = settings(tmp_path, (line if "matrix" in line else f"{MATRIX}{line}") + "\n")
        check_values(given, means, tmp_path)
        said, number = [warning.say(wording("fr")) for warning in given.warnings], 1 if "matrix" in line else 2
        for sentence, words in zip(said, instead, strict=True):
            assert (f"config.yaml:{number}: " in sentence, words in sentence) == (True, True), sentence
        assert all(warning.warning and warning.say(wording("en")) for warning in given.warnings)


@pytest.mark.parametrize("content", ['{"version": 1, "thresholds": {"confident": 0.1, "overheard": 0.1}}', "{", None])
def test_what_an_earlier_version_learned_is_ignored_and_its_file_is_named(tmp_path: Path, content: str | None) -> None:
    learned = tmp_path / "config.learned.json"
    learned.mkdir() if content is None else learned.write_text(content, encoding="utf-8")
    given = settings(tmp_path, MATRIX)
    assert given.limits == Thresholds()
    (warning,) = given.warnings
    said = warning.say(wording("fr"))
    assert (warning.warning, "config.learned.json" in said, "`concierge rehearse`" in said) == (True, True, True)


SECTION = {"homeserver": "https://m.example.org", "user": "'@bot:example.org'", "rooms": "['#a:example.org']"}
WRONG = [
    *(("timezone: Europe/Pari", "Europe/Paris"), ("timezone: Europe", "Europe/")),
    *(("language: de", "language"), ("answers: {confident: 1.2}", "≤ 1")),
    ("answers: {confident: nan}", "nan"),
    ("answers: {overheard: 0,6}", "6\u00a0»"),  # a comma would end the number, and let it speak at 0
    *(("answers: {confident: -0.1}", "≥ 0"), ("answers: {per_hour: -1}", "per_hour")),
    *(("flood: {questions: beaucoup}", "questions"), ("retention: {questions: 91}", "≤ 90")),
    *(("digest: {when: lundy}", "lundi"), ("digest: {when: lundi 9h}", "HH:MM")),
    *(("digest: {rooms: ['#autre:example.org']}", "#autre:example.org"), ("digest: {category: annonces}", "discourse")),
    *(("web: {address: 70000}", "address"), ("web: {address: '::1:80'}", "[::1]")),
    ("web: {adress: 8080}", "address"),
    *(("web: {port: x}", "address (web.port)"), ("digest: {at: 25:00}", "HH:MM"), ("digest: {day: lundy}", "lundi")),
    *(("secrets: {matrix_password: s3cret}", "secret…"), ("name: 'a: b'", "name")),
    *(("prefix: bot", "prefix"), ("knowlege: answers", "knowledge")),
    *(("store: mysql://x/y", "sqlite:///"), ("store: sqlite://", "sqlite:///")),
    *(("store: 'sqlite:///:memory:'", "sqlite:///"), ("discourse: {url: forum.example.org, username: c}", "https://")),
    ("discourse: {url: https://forum.example.org}", "username"),
    ("discourse: {url: 'https://a:b@forum.example.org', username: c}", "https://"),
    *(("knowledge_git: peut-être", "knowledge_git"), ("matching: {encoder: nulle-part}", "nulle-part")),
    *(("matching: {encoder: config.yaml}", "config.yaml"), ('matching: {encoder: "a\\0b"}', "encoder")),
    *(("matching: {encoder: '~personne/modele'}", "personne"), (f"matching: {{encoder: {'x' * 300}}}", "xxx")),
    ("matching: {encodeur: modele}", "encoder"),
    *(
        ("matrix: {" + ", ".join(f"{key}: {value}" for key, value in (SECTION | wrong).items()) + "}", names)
        for wrong, names in (
            *(({"user": "bot"}, "@"), ({"user": "'@bot'"}, "@")),
            *(({"rooms": "[]"}, "rooms"), ({"rooms": "[fabmanagers]"}, "#")),
            *(({"rooms": "['#fabmanagers']"}, "#"), ({"rooms": "[{room: '#a:b.org', listen: all}]"}, "listen")),
            *(({"moderators": "['ana']"}, "@"), ({"moderators_room": "moderation"}, "#")),
            *(({"homeserver": "example.org"}, "https://"), ({"ignor": "[]"}, "ignore")),
        )
    ),
]


def test_a_wrong_value_is_refused_with_its_line(tmp_path: Path) -> None:
    for text, names in WRONG:
        said = refused(tmp_path, f"{FORUM if text.startswith('matrix') else MATRIX}{text}")
        assert f"{tmp_path}/config.yaml:2: " in said, text
        assert names in said, text
        assert said.count("config.yaml:") == 1, text


def test_everything_wrong_is_said_in_one_go_in_the_order_of_the_lines(tmp_path: Path) -> None:
    said = refused(tmp_path, "langage: fr\n" + MATRIX.replace("https", "ftp") + "flood: {questions: -5}\n")
    assert re.findall(r"config\.yaml:(\d+): ", said) == ["1", "2", "3"]
    assert "language" in said.splitlines()[0]


def test_what_is_no_settings_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as fault:
        load(tmp_path / "config.yaml", {})
    assert f"{tmp_path}/config.yaml: " in fault.value.problems[0].say(wording("fr"))  # there is none yet
    for text, names in (
        ("name: Concierge\n", ("matrix", "discourse")),
        *((text, ()) for text in ("", "- a\n- b\n", "bonjour", "matrix: [", "\x00", "matrix: &x {}\ndiscourse: *x")),
    ):
        said = refused(tmp_path, text)
        assert all(name in said for name in ("config.yaml", *names)), text


def test_what_brackets_or_a_sign_did_is_said_with_the_line(tmp_path: Path) -> None:
    matrix = 'matrix:\n  homeserver: "https://m.example.org"\n  user: "@bot:example.org"\n'
    for text, said, right in (
        (f"contact: [ana]\n{MATRIX}", "", 'contact: "ana"'),
        (f"contact: [Ana, a@b.org]  # qui\n{MATRIX}", "", 'contact: "Ana, a@b.org"  # qui'),
        (f"{matrix}  rooms: ['#a:b.org']\ndigest: {{rooms: ['#a:b.org']", "accolade", "digest: {rooms: ['#a:b.org']}"),
        (f"{matrix}  rooms: #a:example.org", "«\u00a0#\u00a0»", '  rooms: "#a:example.org"'),
        (f"{matrix}  rooms:\n    - #a:example.org", "«\u00a0#\u00a0»", '    - "#a:example.org"'),
    ):
        *before, last = refused(tmp_path, text).splitlines()
        assert said in "".join(before), text
        assert last == right, text


@pytest.mark.parametrize("in_files", [False, True])
def test_secrets_come_from_the_environment_or_files_and_show_nowhere(tmp_path: Path, in_files: bool) -> None:
    environ = {}
    secrets = {
        **{"CONCIERGE_MATRIX_PASSWORD": "s3cret-one", "CONCIERGE_MATRIX_ACCESS_TOKEN": "s3cret-two"},
        **{"CONCIERGE_MATRIX_SIGNING_SEED": "s3cret-three", "CONCIERGE_MATRIX_KEYS_SECRET": "s3cret-and-a-half"},
        **{"CONCIERGE_DISCOURSE_API_KEY": "s3cret-four", "CONCIERGE_DISCOURSE_WEBHOOK_SECRET": "s3cret-five"},
        "CONCIERGE_DATABASE_URL": "postgresql://bot:s3cret-six@db.example.org/concierge",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
        environ |= {f"{name}_FILE": str(tmp_path / name)} if in_files else {name: value}
    given = settings(tmp_path, MATRIX, environ)
    assert [secret.get_secret_value() for secret in [*given.secrets.values(), given.store]] == list(secrets.values())
    assert "s3cret" not in f"{given!r} {given} {given.model_dump()} {given.model_dump_json()}"


def test_an_empty_variable_counts_as_none_and_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    given = settings(tmp_path, MATRIX, {"CONCIERGE_MATRIX_PASSWORD": "", "CONCIERGE_DATABASE_URL_FILE": ""})
    assert given.secrets == {}
    assert given.store.get_secret_value().startswith("sqlite:///")
    environ = {"CONCIERGE_MATRIX_PASSWORD_FILE": str(tmp_path / "none")}
    assert f"CONCIERGE_MATRIX_PASSWORD_FILE: {tmp_path / 'none'}: " in refused(tmp_path, MATRIX, environ)


def test_a_folder_of_secrets_that_is_closed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exists(path: Path) -> bool:
        if path.parent.name == "secrets":
            raise PermissionError(errno.EACCES, "Permission denied")
        return os.path.exists(path)

    monkeypatch.setattr(Path, "exists", exists)
    said = refused(tmp_path, MATRIX)
    assert f"{tmp_path / 'secrets' / 'matrix_password'}: " in said
    assert f"`chown {os.getuid()}`" in said


def test_a_secret_in_the_file_and_a_wrong_address_of_the_database_are_refused_and_not_shown(tmp_path: Path) -> None:
    for text, variable in (
        (f"{MATRIX}store: postgresql://bot:s3cret@db.example.org/x", "CONCIERGE_DATABASE_URL"),
        (MATRIX.replace("{", "{password: s3cret, "), "CONCIERGE_MATRIX_PASSWORD"),
        (MATRIX.replace("{", "{access_token: s3cret, "), "CONCIERGE_MATRIX_ACCESS_TOKEN"),
        (FORUM.replace("c}", "c, api_key: s3cret}"), "CONCIERGE_DISCOURSE_API_KEY"),
        (MATRIX, "CONCIERGE_DATABASE_URL: "),
    ):
        environ = {"CONCIERGE_DATABASE_URL": "postgres://bot:s3cret@db/x"} if text == MATRIX else {}
        said = refused(tmp_path, text, environ)
        assert variable in said
        assert "s3cret" not in said


def test_faults_are_said_in_the_language_of_the_settings(tmp_path: Path) -> None:
    english = ["language: en", 'name: x\nlanguage: "en" # c', '{"language": "en"}']
    for text in (*english, "language: xx", ""):
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
        assert language(tmp_path / "config.yaml") == ("en" if text in english else "fr")


def test_the_cache_lies_where_caches_lie_or_is_none(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "cache")}) == tmp_path / "cache" / "concierge"
    (tmp_path / "file").touch()
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "file")}) is None


def test_a_digest_without_a_place_and_a_moderators_room_where_members_ask_are_warnings(tmp_path: Path) -> None:
    for text, warnings in (
        (MATRIX + "digest: {when: lundi}\n", [(0, "setting_digest_nowhere")]),
        (MATRIX + "digest: {rooms: ['#a:example.org']}\n", []),
        (SHARED, [(5, "setting_shared_moderators_room")]),
        (SHARED.replace(", '#mod:x.org'", ""), []),
    ):
        assert [(problem.line, problem.key) for problem in settings(tmp_path, text).warnings] == warnings, text
