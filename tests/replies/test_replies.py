"""What members and moderators read, whatever stands in the knowledge files."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.app.built_channels import built_channels
from bot.app.clock import SkewedClock
from bot.config.loading import load
from bot.conversation.commands import COMMANDS
from bot.knowledge.models import Entry, Knowledge, Link, Origin
from bot.locale import LANGUAGES, wording
from bot.matching import Evidence, Match
from bot.replies import Basis, ForumReplies, QueueStatus, Replies
from bot.replies.draft_notes import ShownDraft
from bot.replies.moderation import GapRow, QueueRow, StatsSummary
from bot.text.markdown import LIMIT, contained, first_sentences
from bot.text.renderers import to_html, to_plain_text
from tests.scene import Scene

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)  # 14:05 in Paris
ELSEWHERE = "https://matrix.to/#/!salon:x.fr/$plus-haut"

SPOKEN = (wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
FR, EN = Replies(*SPOKEN), Replies(wording("en"), *SPOKEN[1:])


def entry(id: str, title: str, answer: str | None = "Une réponse.", **more: object) -> Entry:
    """Not validated: whatever stands there, it must be shown well."""
    return Entry.model_construct(id=id, title=title, questions=("Où ?",), answer=answer, **more)


def knowing(*entries: Entry) -> Knowledge:
    return Knowledge({entry.id: entry for entry in entries})


DU = entry("du", "Le DU facilitateur", links=(Link(title="Le DU", url="https://x.fr/du"),))
COOP = entry("coop", "La Coopérative", links=(Link(title="La Coop", url="https://x.fr/coop"),))
CEFIM = entry("cefim", "Le CEFIM", None, links=(Link(title="CEFIM", url="https://x.fr/cefim"),))
LINKS = entry("liens", "Des liens", links=(Link(title="La fiche", url="https://x.fr/fiche"),))
ALL = knowing(DU, COOP, CEFIM, LINKS)
MATCH = Match("du", "Le DU facilitateur", 0.934, Evidence("Où se former ?", ("facilitateur", "du")))
SECOND = Match("coop", "La Coopérative", 0.41)


def test_an_answer_has_its_title_its_words_and_its_links_who_knows_and_what_else_to_read() -> None:
    links = (Link(title="La fiche", url="https://x.fr/fiche"), Link(title="Écrire", url="mailto:a@x.fr"))
    around = {"links": links, "contacts": ("@ana", "bob_b"), "see_also": ("du", "gone", "coop", "cefim")}
    whole = entry("role", "Le rôle", "Il **accueille**.\n\nEt il relie.", **around)
    assert to_plain_text(FR.answer([whole], knowing(whole, DU, COOP, CEFIM), TODAY)) == (
        "Le rôle\n\nIl accueille.\n\nEt il relie.\n\n- La fiche (https://x.fr/fiche)\n- Écrire (a@x.fr)\n\n"
        "Qui sait\u00a0: ana, bob_b\n"
        "Voir aussi (répondez par le numéro)\u00a0: 1. Le DU facilitateur · 2. La Coopérative"
    )


def test_where_suggestions_come_from_names_a_link_that_they_share_once() -> None:
    shared, own = Link(title="Le DU", url="https://x.fr/du"), Link(title="Le CEFIM", url="https://x.fr/cefim")
    said = FR.sources([entry("du", "Le DU", links=(shared,)), entry("both", "Deux", links=(shared, own))])
    assert [line for line in said.splitlines() if line.startswith("- ")] == [
        *("- [Le DU](https://x.fr/du)", "- [Le CEFIM](https://x.fr/cefim)")
    ]


FIVE = tuple(Link(title=f"Lien {n}", url=f"https://x.fr/{n}") for n in range(1, 6))
SENTENCES = "Un lieu s’ouvre. On y vient. " + "On y apprend beaucoup. " * 10
WORDY = entry("long", "Une longue réponse", SENTENCES, links=FIVE)
UNBROKEN = entry("list", "Une liste", "\n".join(f"- Le numéro {n} de la liste" for n in range(40)), see_also=("du",))
FIRST_TWO = {
    "Un ?\n\nDeux !\n\nTrois.": "Un ?\n\nDeux !",
    "**Un. Un.** Deux. Trois.": "**Un. Un.** Deux.",
    "[Un. Un](https://x.fr/A. B) dit. Deux. Trois.": "[Un. Un](https://x.fr/A. B) dit. Deux.",
    "Un. Deux :\n\n- trois\n- quatre\n\nCinq.": "Un. Deux :\n\n- trois\n- quatre",
    "Voir p. ex. la v. 2. Deux. Trois.": "Voir p. ex. la v. 2. Deux.",
    "Un.": "Un.",
}


def test_a_long_answer_starts_with_two_sentences_and_three_links_and_says_how_to_get_the_rest() -> None:
    said = to_plain_text(FR.answer([WORDY], knowing(WORDY), TODAY, is_brief=True))
    assert said == (
        "Une longue réponse\n\nUn lieu s’ouvre. On y vient.\n\n"
        "- Lien 1 (https://x.fr/1)\n- Lien 2 (https://x.fr/2)\n- Lien 3 (https://x.fr/3)\n\n"
        "Pour la suite, touchez ➕ ou répondez «\u00a0plus\u00a0»."
    )
    assert "https://x.fr/5" in FR.answer([WORDY], knowing(WORDY), TODAY)
    assert "beaucoup" in ForumReplies(*SPOKEN).answer([WORDY], knowing(WORDY), TODAY, is_brief=True)
    for text, two in FIRST_TWO.items():
        assert first_sentences(text, 2) == two


def test_a_brief_answer_fits_a_phone_with_all_of_it_a_tap_away_and_a_short_one_is_given_whole() -> None:
    for entries in ([WORDY], [UNBROKEN], [UNBROKEN, WORDY, COOP]):
        known = knowing(*entries, DU)
        said = FR.answer(entries, known, TODAY, is_brief=True)
        assert FR.shortens(entries)
        assert len(re.sub(r"\(https?://[^)]*\)", "", said)) < 620
        assert said.count("https://") <= 5
        assert [part in said for part in ("Voir aussi", "numéro 39")] == [False, False]
        assert ("numéro 39" in FR.answer(entries, known, TODAY)) == (UNBROKEN in entries)
    for short in (DU, LINKS):
        assert not FR.shortens([short])
        assert FR.answer([short], ALL, TODAY, is_brief=True) == FR.answer([short], ALL, TODAY)


def test_times_and_days_are_said_in_plain_words_on_the_readers_clock() -> None:
    replies = Replies(*SPOKEN, contact="Camille, au 01 23 45 67 89")
    for hours, said in ((0.1, "une heure"), (14, "une demi-journée"), (500, "plus d’une semaine")):
        text = replies.unknown(then="queued", wait=timedelta(hours=hours))
        assert f"L’équipe répond en général en {said}.\n\nPour joindre quelqu’un\u00a0: Camille" in text
    for asked, first_line in (
        (NOW, "de 14\u00a0h\u00a005"),
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), "du 23\u00a0novembre à 23\u00a0h\u00a059"),
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), "de 0\u00a0h\u00a000"),
    ):
        late = FR.late(asked, TODAY, FR.suggest([DU], ALL, TODAY))
        assert to_plain_text(late).splitlines()[0] == f"En réponse à votre question {first_line}"
    assert "jusqu’à 14\u00a0h\u00a005" in FR.hushed(NOW, TODAY)
    assert "jusqu’au 1er\u00a0décembre à 14\u00a0h\u00a005" in FR.hushed(NOW + timedelta(days=7), TODAY)


def test_an_answer_past_its_day_of_review_is_marked() -> None:
    day, past = date(2025, 5, 1), date(2026, 11, 23)
    for dates, mark in (
        ({"review_by": past, "updated": day}, ["À vérifier\u00a0: information du 1er\u00a0mai 2025"]),
        ({"review_by": past}, ["À vérifier\u00a0: information à revoir depuis le 23\u00a0novembre 2026"]),
        ({"review_by": TODAY, "updated": day}, []),
        ({"updated": date(2015, 5, 1)}, []),
    ):
        old = entry("old", "Vieux", **dates)
        assert to_plain_text(FR.answer([old], knowing(old), TODAY)).splitlines()[-1:] == (mark or ["Une réponse."])
        again = to_plain_text(FR.short([old], None, TODAY)).split("\n\n")
        assert again == ["Vieux", *mark, "réponse complète plus haut"]


def test_suggestions_are_numbered_and_each_has_its_title_and_first_link() -> None:
    many = entry("many", "1. *Tout* ?", links=tuple(Link(title=name, url=f"https://x.fr/{name}") for name in "ab"))
    said = to_plain_text(FR.suggest([many, entry("bare", "Aucun"), DU], ALL, TODAY))
    assert "1. 1. *Tout* ?\na (https://x.fr/a)\n\n2. Aucun\n\n3. Le DU facilitateur\nLe DU (https://x.fr/du)" in said
    assert "https://x.fr/b" not in said
    assert "❌" in said.splitlines()[-1]
    for speaker in (FR, EN):
        for number in (1, 2, 3):  # no number is named that is not there
            how = speaker.suggest([DU, COOP, CEFIM][:number], ALL, TODAY).split("\n\n")[-1]
            assert "".join(re.findall("[123]", how)) == "123"[:number]
    rest = to_plain_text(FR.suggest([COOP], ALL, TODAY, answered=[DU, DU]))  # what is sure comes first, and once
    assert rest.index("https://x.fr/du") < rest.index("Pour l’autre question") < rest.index("1. La Coopérative")
    assert rest.count("https://x.fr/du") == 1


def test_a_rehearsal_quotes_the_reply_and_links_to_the_message() -> None:
    said = FR.rehearsal(ELSEWHERE, FR.overheard([DU], ALL, TODAY), 0.937)
    assert f'<a href="{ELSEWHERE}">ce message</a>' in to_html(said)
    assert "(confiance 0,93)" in said
    assert "👎" in said  # how to object to an answer that nobody asked for
    assert "> Le DU facilitateur\n>\n> Une réponse.\n>\n> - Le DU (https://x.fr/du)" in to_plain_text(said)


PAGES = "https://reponses.example.org/r/{id}"
LINKED = Replies(*SPOKEN, pages=PAGES)
HIDDEN = {"rooms": ("comite",), "public": False}


def test_the_title_of_an_answer_leads_to_its_page_if_it_has_one() -> None:
    short = entry("courte", "La *réponse* [courte]")
    for said in (
        *(LINKED.answer([short], ALL, TODAY), ForumReplies(*SPOKEN, pages=PAGES).answer([short], ALL, TODAY)),
        *(say([short], ALL, TODAY) for say in (LINKED.suggest, LINKED.overheard)),
        LINKED.short([short], None, TODAY),
    ):
        link = '<strong><a href="https://reponses.example.org/r/courte">La *réponse* [courte]</a></strong>'
        assert link in to_html(said)
    hidden = short.model_copy(update=HIDDEN)
    assert LINKED.answer([hidden], ALL, TODAY) == FR.answer([hidden], ALL, TODAY)
    assert "reponses.example.org" not in LINKED.suggest([hidden], ALL, TODAY)
    brief = to_plain_text(LINKED.answer([WORDY], ALL, TODAY, is_brief=True))
    assert brief.endswith("Pour la suite, touchez ➕ ou lisez la page (https://reponses.example.org/r/long).")
    for entries in ([WORDY.model_copy(update=HIDDEN)], [WORDY, DU]):  # of two each title leads to its own
        assert "lisez la page" not in LINKED.answer(entries, ALL, TODAY, is_brief=True)


async def test_the_address_of_pages_in_the_settings_reaches_the_replies(tmp_path: Path, scene: Scene) -> None:
    for web, address in (
        ("{}", ""),
        ("{pages: true}", ""),
        ("{pages: true, public_url: https://x.example/faq/}", "](https://x.example/faq/r/du)"),
        ("{public_url: https://x.example}", "](https://x.example/r/du.html)"),  # a copy as files
    ):
        matrix = "matrix: {homeserver: http://127.0.0.1:1, user: '@c:x', rooms: ['!r:x']}"
        (tmp_path / "config.yaml").write_text(f"{matrix}\nweb: {web}\n", encoding="utf-8")
        settings = load(tmp_path / "config.yaml", {"CONCIERGE_MATRIX_PASSWORD": "secret"})
        [network] = built_channels(settings, scene.store, SkewedClock())
        said = network.replies.answer([DU], ALL, TODAY)
        assert address in said if address else said == FR.answer([DU], ALL, TODAY)


NASTY = "1. *a* _b_ [c](https://y.fr) <b> `d` @room # | ~~e~~ \\ &amp; https://z.fr"


def test_titles_names_and_link_titles_are_shown_as_typed() -> None:
    nasty = entry("bad", NASTY, links=(Link(title=NASTY, url="https://x.fr"),), contacts=(NASTY,), see_also=("bad",))
    known = knowing(nasty)
    for said in (FR.answer([nasty], known, TODAY), FR.suggest([nasty], known, TODAY), FR.search_results([nasty])):
        assert NASTY in to_plain_text(said).replace("\u2060", "")
        assert re.findall(r'href="([^"]*)"', to_html(said)) == ["https://x.fr"]
        assert not re.findall(r"<(?:b|em|del|code|h\d)>", to_html(said).replace("<em>À", ""))


PIECES = (
    *("**", "*", "_", "`", "``", "```\n", "~~~\n", "    ", "\t", "\n", "\n\n", "> ", "- ", "1. ", "# "),
    *("---\n", "===\n", "<b>", "</div>", "<div>", "<!--", "-->", "<?", "<![CDATA[", "<script>", "<a@b.fr>"),
    *("<https://y.fr>", "<a\nb>", "![i]", "[a]", "(https://y.fr)", "(<x", "\\", "!", "&lt;", "@room", "é", "mot"),
    *("\r\n", "\x00", "\u202e"),
)
ANSWERS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@settings(deadline=None)
@given(ANSWERS)
def test_an_answer_does_not_reach_beyond_its_block(answer: str) -> None:
    alone = to_html(FR.answer([COOP], ALL, TODAY))
    assert to_html(FR.answer([entry("x", "X", answer), COOP], ALL, TODAY)).endswith(alone)


@settings(deadline=None)
@given(ANSWERS)
def test_a_renderer_that_lets_html_through_finds_none_and_no_pictures(answer: str) -> None:
    def kinds(tokens: list[Token]) -> set[str]:
        return {token.type for token in tokens}.union(*(kinds(token.children or []) for token in tokens))

    assert not kinds(MarkdownIt("commonmark").parse(contained(answer))) & {"html_block", "html_inline", "image"}


LONG = "\n\n".join(f"Paragraphe {n} : " + "mot " * 50 for n in range(400))
ENDLESS = ("é" * 60_000, "- a\n" * 20_000, "a\n\n" * 50_000, "&<" * 9_000)


@pytest.mark.parametrize("answer", [LONG, f"```\n{LONG}\n```", *ENDLESS])
def test_a_long_answer_is_shortened_with_a_note_and_keeps_its_links(answer: str) -> None:
    long = entry("long", "Long", answer, links=DU.links)
    far = Replies(*SPOKEN, pages=f"https://{'a' * 500}.example/r/{{id}}")
    begun, whole = time.process_time(), FR.answer([long], ALL, TODAY)
    assert time.process_time() - begun < 3
    if answer is LONG:  # it ends at a paragraph
        paragraphs = to_plain_text(whole).split("\n\n")[1:-2]
        assert all(re.fullmatch(r"Paragraphe \d+ : (mot ){49}mot", part) for part in paragraphs)
        assert len(paragraphs) > 17
    for said in (whole, FR.answer([long, long, COOP], ALL, TODAY), far.overheard([long], ALL, TODAY)):
        assert len(said.encode()) <= LIMIT
        assert "réponse raccourcie" in to_plain_text(said)
        assert '<li><a href="https://x.fr/du">Le DU</a></li>' in to_html(said)
        assert len(to_html(said).encode()) + len(to_plain_text(said).encode()) < 60_000


def test_hundreds_of_links_are_cut_rather_than_split_over_two_messages() -> None:
    links = tuple(Link(title=f"Lien {n}", url=f"https://x.fr/{'a' * 50}/{n}") for n in range(300))
    said = FR.answer([entry("links", "Liens", "Texte.", links=links)], ALL, TODAY)
    assert len(said.encode()) <= LIMIT
    assert [part in said for part in ("Texte.", "Lien 0", "Lien 299")] == [True, True, False]
    said = to_html(FR.answer([entry("x", "X", "- un\n- deux", links=DU.links)], ALL, TODAY))  # a list of their own
    assert '<ul><li>un</li><li>deux</li></ul><ul><li><a href="https://x.fr/du">' in said


ASKED = QueueRow(1, "Qui paie *tout* ?", 1, NOW, (ELSEWHERE,))
SUMS = {"asked": 6, "answered": 3, "resolved": 1, "refused": 1, "missed": 3}
PRIVATE = QueueRow(2, None, 3, NOW)


def composed(says: Replies) -> Iterator[str]:
    """What is put together of sentences whose names are put together, too; tests/locale looks at all others."""
    yield says.late(NOW, date.min, says.answer([DU, COOP], ALL, TODAY))
    yield from (says.suggest([DU, COOP, CEFIM][:number], ALL, TODAY, answered=[LINKS]) for number in (1, 2, 3))
    yield from (says.unknown(then=then) for then in get_args(QueueStatus))
    yield from (says.about(topic) for topic in ("bot", "complaint"))
    yield says.renewed(["device", "identity", "encryption"])
    yield says.help({"silence": "everyone", "questions": "questions", "lacunes": "questions"}, is_short=True)
    yield from (says.help_one(command.french) for command in COMMANDS)
    yield from (says.why([MATCH, SECOND], Origin("a.yaml", 3, "Thème"), basis) for basis in get_args(Basis))
    yield says.unknown_command("`*x*` [y](z)", None)
    yield says.open_questions([ASKED, PRIVATE], 12, 1, 2)
    for kind in ("add", "phrase", "change", "remove"):
        yield says.draft(ShownDraft(2, kind, "Du", "+ une ligne", "a.yaml"), ALL, TODAY)
        yield says.draft_made(kind, "du", 1, ["a.yaml:3: une faute"], "sans git")
    yield says.relayed(1, ["https://x.fr/q"], private=1)
    yield says.gaps([GapRow("qui prête ?", 2, "La malle"), *[GapRow("où ?", 1, None)] * 20], 30, [(TODAY, SUMS)])
    yield says.stats(StatsSummary(SUMS, (("du", 1, 4),), ("du",), ("coop",), (1, 2, 3)))


@pytest.mark.parametrize("says", [FR, EN], ids=LANGUAGES)
def test_everything_can_be_said_in_each_language(says: Replies) -> None:
    for said in composed(says):
        shown = to_plain_text(said)
        assert shown
        assert not re.search(r"\{\w*\}|\*\*|\\|\b(IA|AI)\b|intelligence", shown)


def test_the_introduction_says_how_to_speak_to_it_what_it_keeps_and_how_to_switch_it_off() -> None:
    named = to_plain_text(Replies(wording("fr"), "Lab_o *", "%", ZoneInfo("Europe/Paris")).introduction())
    assert ("Je suis Lab_o *," in named, "%lab_o * aide" in named) == (True, True)
    said = FR.introduction()
    for part in ("Concierge", "!concierge aide", "!concierge confidentialite", "!concierge oublie-moi", "silence 1h"):
        assert part in said
    assert "à la cantonade" in said
    assert "à la cantonade" not in FR.introduction(overhears=False)


def test_a_title_with_quotation_marks_is_quoted_with_others_inside() -> None:
    about = entry("piloter", "La formation «\u00a0Piloter\u00a0»")
    assert "«\u00a0La formation “Piloter”\u00a0»" in FR.unknown(then="nothing", about=about)


def test_why_says_what_it_is_about_and_tells_likeness_words_place_and_runner_up() -> None:
    given, nearest, alone = (FR.why([MATCH], None, basis) for basis in ("given", "nearest", "alone"))
    assert (given.startswith("- Réponse"), nearest.startswith("- La plus proche")) == (True, True)
    assert "La question seule donnerait" in alone.splitlines()[0]
    assert alone.endswith(nearest)
    said = to_plain_text(FR.why([MATCH, SECOND], Origin("knowledge/formations.yaml", 12, "Formations")))
    evidence = ("(du, confiance 0,93)", "formations.yaml:12", "Où se former ?", "facilitateur, du", "lettres ")
    for part in (*evidence, "(coop, confiance 0,41), écart 0,52"):
        assert part in said
    assert "Lue" not in said
    read = replace(MATCH, evidence=replace(MATCH.evidence, first_confidence=0.612))
    assert "Lue avec la question\u00a0: de 0,61 à 0,93" in to_plain_text(FR.why([read, SECOND], None))


def test_problems_can_be_pasted_as_they_are_and_do_not_fill_the_room() -> None:
    sentence, line = "a.yaml:3: « : » ; *écrivez* :", '  - "Fiche de poste : où `la` ```trouver``` ?"'
    said = to_html(FR.not_reloaded([f"{sentence}\n{line}"]))
    assert "<code>a.yaml:3</code>: « : » ; *écrivez* :</p>" in said  # as text: a block is cut at a phone's width
    assert f"<pre><code>{line}\n</code></pre>" in said
    many = FR.not_reloaded([f"a.yaml:{n}: {'faute ' * 20}" for n in range(500)])
    assert len(many.encode()) <= LIMIT
    assert "a.yaml:0" in many
    assert to_plain_text(many).endswith("…")
