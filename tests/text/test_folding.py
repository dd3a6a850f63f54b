"""Text as people type it."""

from hypothesis import given
from hypothesis import strategies as st

from bot.text.folding import LONGEST, clean, fold, sentences, words
from bot.text.shorthands import SHORTHANDS, expand

SPELLINGS = {
    "Où se former à l’École ?": "ou se former a l ecole ?",
    "un·e facilitateur.ice": "un facilitateur",
    "les salarié(e)s": "les salaries",
    "étudiant·e·s et adhérent.es": "etudiants et adherent",
    "animateur/trice": "animateur",
    "C'koi la diff ?": "c est quoi la difference ?",
    "movilab.org": "movilab.org",  # a full stop in an address is no inclusive ending
    "Œuvre": "oeuvre",
}
ENDINGS = {  # gender and number do not count
    "facilitatrices": "facilitateur",
    "tiers-lieux": "tiers lieu",
    "conseillère": "conseiller",
    "activated cards": "activate card",
    "companies": "company",
    "ouvrières": "ouvrier",
    "Le DU de Belfort": "diplôme universitaire, Belfort",  # in capitals it is no article
    "LA PLACE DU VILLAGE": "place village",
}


def test_spellings_and_endings_fold_to_one() -> None:
    assert {text: fold(text) for text in SPELLINGS} == SPELLINGS
    assert [one for one, other in ENDINGS.items() if words(fold(one)) != words(fold(other))] == []


def test_invisible_characters_do_not_split_words_and_links_are_not_read() -> None:
    assert clean("for\u200bma\u00adtion \u202e?") == "formation ?"
    assert clean("voir https://example.org/fiche-de-poste ici").split() == ["voir", "ici"]


def test_a_message_is_cut_into_sentences() -> None:
    assert sentences("Bonjour,\nOn recrute. Une idée ?Merci !") == ["Bonjour", "On recrute.", "Une idée ?", "Merci !"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert len(clean(text)) <= LONGEST * 18  # one sign may unfold to eighteen
    assert all(word for word in words(fold(clean(text))))


def test_shorthands_are_read_in_full_and_what_may_be_something_else_stays() -> None:
    meant = (
        *("payer par cb", "la diff des deux", "la carte CB", "Fablab vs makerspace", "le prix de l'AC", "quel numéro"),
        *("Y a-t-il une aide ?", "des ınfos ici ?", "Kİ"),
    )
    for typed, full in (
        ("c koi un fablab", "c'est quoi un fablab"),
        ("ça dure cb de tps", "ça dure combien de temps"),
        ("qqn aurait une fiche pr un prof ?", "quelqu'un aurait une fiche pour un professeur ?"),
        ("es ce qu'un AED peut", "est-ce qu'un AED peut"),
        ("ya t-il des infos", "y a-t-il des informations"),
        ("jveux aider, ki contacter pls", "je veux aider, qui contacter please"),
        *[(text, text) for text in meant],
    ):
        assert expand(clean(typed)) == full


def test_a_shorthand_counts_as_what_it_stands_for() -> None:
    """'pb' as 'problème', whose accent goes as that of any word."""
    assert [short for short, full in SHORTHANDS.items() if fold(short) != fold(full) or not full.isascii()] == []
