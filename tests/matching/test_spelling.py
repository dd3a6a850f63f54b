"""Typos are mended, words of the language are not."""

from bot.matching.spelling import Vocabulary, WordCounts
from bot.text.folding import prepared


def vocabulary(*texts: str) -> Vocabulary:
    counts = WordCounts()
    counts.count([*map(prepared, texts)])
    return Vocabulary(counts)


WORDS = vocabulary(
    "Formation de facilitateur, subvention et gouvernance",
    "fiche de poste de fabmanager au collège, en coworking",
    "le conseil d'administration de l'association reçoit un agrément",
)


def correct(text: str, words: Vocabulary = WORDS) -> dict[str, str]:
    return words.correct(text, is_common=("animation", "formations").__contains__)


TYPOS = """fromation formation, faciltateur facilitateur, subvension subvention, gouvernence gouvernance,
cowrking coworking, colege college, fabmanger fabmanager, asociation association"""


def test_a_typo_leads_to_the_word_of_the_knowledge_or_else_the_usual_one_that_is_meant() -> None:
    for typed, meant in (pair.split() for pair in TYPOS.split(",")):
        assert correct(f"une {typed} ?").get(typed) == meant
    assert correct("tierslieu", vocabulary("un tiers lieu rural")) == {"tierslieu": "tiers lieu"}
    meant = {"conbien": "combien", "dheure": "d heure", "juridik": "juridique", "ficheposte": "fiche poste"}
    assert correct(" ".join(meant)) == meant


def test_other_words_stay() -> None:
    for word in "formations animation normes fermer poster aux 2024 collages conseildadministration".split():
        assert word not in correct(f"des {word} ?")


def test_the_encoder_reads_the_mended_text_with_its_accents_and_one_without_typos_as_it_stands() -> None:
    for text, read in (
        ("Un colege en cowrking ?", "Un collège en coworking ?"),
        ("Une FORMATION, à Châteauroux ?", "Une FORMATION, à Châteauroux ?"),
    ):
        assert WORDS.rewrite(text, correct(text)) == read
