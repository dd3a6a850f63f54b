"""Texts cut into the pieces of a model: as the library `tokenizers` cuts them, whatever the text, in linear time."""

import random
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Library
from tokenizers import models, pre_tokenizers, processors, trainers

from bot.encoder import TOKENIZER
from bot.encoder.tokenizer import Tokenizer, UnigramTokenizer, read_tokenizer
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.encoder_folder import DEFAULT, folder_name
from bot.reading.examples import messages as examples
from bot.text.folding import clean, fold, words

LONGEST_WORD = 60  # characters; longer ones are cut into parts
BEGINNING = "\u2581"
PATIENCE = 4.0  # seconds of the processor for 60,000 characters, on a busy machine; by the square it would be hours
ODD = [
    "😀🎉👍", "a😀b", "👩‍👩‍👧‍👦 et 🇫🇷 !", "❤️", "مرحبا بالعالم، كيف حالك؟", "ﷺ", "日本語のテキストです。",
    "東京に行きますか？", "안녕하세요 세계", "हिन्दी में", "ภาษาไทย", "ελληνικά", "Привет, мир", "שלום עולם",
    "e\u0301te\u0301", "a\u0323\u0301b", "\u0301abc", "n\u0303o", "Å Å", "ﬁne ﬂeur", "½ ² ① ⅷ", "12345", "RS5142",
    "3,14 et 2026-11-24", "06 12 34 56 78", "l’école d’Anne", "«\u00a0quoi\u00a0?\u00a0»", "x\ty\nz", "a\u2028b\u3000c",
    "C++ & C#", "tiers-lieux/tiers-lieu", "HTTPS://EXAMPLE.ORG", "aujourd'hui", "étudiant·e·s", "…", "?!?",
    "a" * LONGEST_WORD, "", " ", "\n", "a\ufffdb", "a\u2581b",
]  # fmt: skip
BPE = models.BPE(unk_token="[UNK]"), pre_tokenizers.ByteLevel(), trainers.BpeTrainer
WORD_PIECE = models.WordPiece(unk_token="[UNK]"), pre_tokenizers.BertPreTokenizer(), trainers.WordPieceTrainer
UNKNOWN = ["𓀀", "𓀀𓀁𓀂", "a𓀀 b", "𓀀 𓀁", "\u16a0\u16a1"]
LINEAR = {
    "one letter": "a" * 60_000,
    "letters": "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyzéè'", k=60_000)),
    "Chinese": "".join(chr(0x4E00 + number % 20_000) for number in range(60_000)),
    "unknown signs": "".join(chr(0x13000 + number % 1000) for number in range(60_000)),
    "a sign that stands for four words": "ﷺ" * 10_000,
}


@pytest.fixture(scope="module")
def file(embeddings: EmbeddingCache, cache: Path) -> Path:
    """Of the encoder that comes with the program."""
    assert embeddings.encoder.name == DEFAULT
    return cache / folder_name() / TOKENIZER


@pytest.fixture(scope="module")
def ours(file: Path) -> Tokenizer:
    tokenizer = read_tokenizer(file)
    assert isinstance(tokenizer, UnigramTokenizer)  # no library is loaded for it
    return tokenizer


@pytest.fixture(scope="module")
def library(file: Path) -> Library:
    return Library.from_file(str(file))


def numbers(tokenizer: Tokenizer, text: str) -> list[int]:
    return [number for _, number in tokenizer.tokens(text)]


def as_read(text: str) -> str:
    return clean(text).strip()


def test_what_hostile_words_leave_in_memory_is_bounded(ours: Tokenizer) -> None:
    """Nearly each of these characters is a piece of its own."""
    chance, signs = random.Random(1), "".join(map(chr, range(0x4E00, 0x6E00)))
    lengths = [23] * 25 + [LONGEST_WORD] * 25
    texts = [" ".join("".join(chance.choices(signs, k=n)) for _ in range(6_000 // n)) for n in lengths]
    tracemalloc.start()
    for text in texts:
        ours.tokens(text)
        words(fold(text))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 10e6


def test_what_members_write_in_every_script_is_cut_as_the_library_cuts_it(ours: Tokenizer, library: Library) -> None:
    texts = [*map(as_read, [*ODD, *UNKNOWN]), *(as_read(example.text) for example in examples())]
    assert len(texts) > 500
    begin, *_, end = library.encode("une question").ids
    assert ours.marks == (begin, end, library.token_to_id("<pad>"))
    expected = library.encode_batch(texts, add_special_tokens=False)
    differing = [ascii(text) for text, one in zip(texts, expected, strict=True) if numbers(ours, text) != one.ids]
    assert differing == []
    no_characters = {"\ud800": "", "a\udfffb": "ab", "\ud83d\ude00": "", "\x00": "", "for\x00mation": "formation"}
    for text, same_as in no_characters.items():
        assert ours.tokens(text) == ours.tokens(same_as)


@given(st.text(max_size=LONGEST_WORD) | st.text("abceéèêà'’-·.,?! 0123456789\n😀أب日本\u0301", max_size=LONGEST_WORD))
def test_any_text_is_cut_as_the_library_cuts_it(ours: Tokenizer, library: Library, text: str) -> None:
    assert numbers(ours, as_read(text)) == library.encode(as_read(text), add_special_tokens=False).ids


@pytest.mark.parametrize("text", LINEAR.values(), ids=LINEAR)
def test_a_text_without_blanks_takes_no_more_time_than_others(ours: Tokenizer, text: str) -> None:
    started = time.thread_time()
    pieces = [piece for piece, _ in ours.tokens(text)]
    assert time.thread_time() - started < PATIENCE
    assert len(pieces) > 500


@pytest.mark.parametrize(("model", "space", "trainer"), [BPE, WORD_PIECE], ids=["BPE", "WordPiece"])
def test_a_model_of_another_kind_is_cut_by_the_library(tmp_path: Path, model: Any, space: Any, trainer: Any) -> None:
    made = Library(model)
    made.pre_tokenizer = space
    names = ["[UNK]", "[CLS]", "[SEP]", "[PAD]"]
    made.train_from_iterator([one.text for one in examples()], trainer(special_tokens=names, vocab_size=2000))
    made.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    made.save(str(tmp_path / TOKENIZER))
    other, text = read_tokenizer(tmp_path / TOKENIZER), "Où trouver une formation de facilitatrice à Guéret ?"
    assert numbers(other, text) == made.encode(text, add_special_tokens=False).ids
    assert other.marks[:2] == (1, 2)
    words = "".join(piece for piece, _ in other.tokens(text)).split(BEGINNING)[1:]
    assert words == text.split()
    assert other.tokens("a\ud800b\x00") == other.tokens("ab")
    assert other.log_probability("formation") == 0.0
