"""The weekly post as people read it: what there is to tell, in sections, short, and ringing nobody."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.locale import wording
from bot.messages import Topic
from bot.replies import Replies
from bot.replies.digest_post import DigestEntry, DigestWeek, ModeratorDigest, OpenQuestion
from bot.text.markdown import LIMIT
from bot.text.renderers import to_html, to_plain_text

DAY = date(2026, 11, 23)
FR = Replies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
DU = DigestEntry("Le DU", "https://du.example/")
FICHE = DigestEntry("La [fiche]")
FULL = DigestWeek(
    new=(DU,),
    changed=(FICHE,),
    asked=((DU, 7), (FICHE, 2)),
    open=(OpenQuestion("Où trouver une fraiseuse ?", "https://matrix.to/#/!s/$1"),),
    topics=(Topic("Offre : fabmanager à Brest", "https://forum.example/t/-/3"),),
)


def test_what_is_empty_is_left_out_titles_are_said_once_and_of_many_questions_five_are_named() -> None:
    assert FR.digest(DigestWeek(), DAY) == ""
    assert FR.digest_work(ModeratorDigest(), DAY) == ""
    text = FR.digest(DigestWeek(new=(DU,)), DAY)
    assert "Nouvelles réponses" in text
    assert "Qui sait" not in text
    assert "forum" not in text
    assert "fois" not in FR.digest(DigestWeek(asked=((DU, 1),)), DAY)
    assert FR.digest_title(DAY) not in FR.digest(FULL, DAY, titled=False)
    assert len(Replies(wording("en"), "Concierge", "!", ZoneInfo("UTC")).digest(FULL, DAY).split("\n\n")) > 10
    assert "23\u00a0novembre 2026" in FR.digest_title(DAY)
    assert FR.digest_title(date(2026, 12, 7)) == "Semaine du 30\u00a0novembre au 7\u00a0décembre 2026"
    asked = tuple(OpenQuestion(f"Question {n} ?", f"https://x.example/{n}") for n in range(9))
    text = FR.digest(DigestWeek(open=asked), DAY)
    assert text.count("https://x.example/") == 5
    assert "… et 4 de plus" in text


def test_it_never_outgrows_a_message_and_keeps_its_end() -> None:
    many = tuple(DigestEntry("mot " * 60, f"https://x.example/{n}/" + "long/" * 100) for n in range(500))
    asked = tuple(OpenQuestion("pourquoi " * 80, "https://x.example/" + "a" * 900) for _ in range(9))
    text = FR.digest(DigestWeek(new=many, changed=many, asked=tuple((one, 1) for one in many), open=asked), DAY)
    assert len(text.encode()) <= LIMIT
    assert text.endswith(FR.digest(FULL, DAY).splitlines()[-1])


@pytest.mark.parametrize("evil", ["@room [x](javascript:alert(1))", "<img src=x>", "**a\n# b", "`x` @ana:example.org"])
def test_words_of_others_stay_words(evil: str) -> None:
    week = DigestWeek(
        new=(DigestEntry(evil), DigestEntry(evil, "https://x.example/", doubtful=True)),
        open=(OpenQuestion(evil, "https://x.example/"),),
        topics=(Topic(evil, "https://x.example/"),),
    )
    shown = to_html(FR.digest(week, DAY))
    assert "<img" not in shown
    assert "javascript:" not in shown or 'href="javascript' not in shown
    assert shown.count("<h") == 0
    assert "@room" not in shown


def test_moderators_read_what_waits_for_them() -> None:
    page = DigestEntry("Une fiche", "https://pages.example/r/fiche")
    dead = (("https://x.example/", page),)
    work = ModeratorDigest(waiting=((3, 12),), disliked=((DU, 1, 4),), dead=dead, review=(DU,), unasked=(FICHE, page))
    text = to_plain_text(FR.digest_work(work, DAY))
    waits = "n°\u00a03, depuis 12\u00a0j"
    for part in (waits, "Réponses mal reçues", "https://x.example/", "À relire", "Jamais demandées", "- La [fiche]"):
        assert part in text
    assert text.count("Une fiche (https://pages.example/r/fiche)") == 2
