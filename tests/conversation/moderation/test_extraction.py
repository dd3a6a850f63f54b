"""From a question and a reply, or a topic of the forum, to a draft: what may stand there, and nobody's name."""

from bot.conversation.moderation.extraction import fields_from_topic, phrasing, phrasings, questions_of, vocabulary
from bot.conversation.moderation.link_extraction import ParsedReply, links_of_posts, parse_reply
from bot.messages import TopicPost

KNOWN = vocabulary(["Le Service Civique à Pôle Emploi", "certification RS5142", "imprimante 3D"])


def test_a_phrasing_is_what_was_asked_without_greeting_names_addresses_and_numbers() -> None:
    for said, kept in (
        ("Bonjour à toutes et tous, qui a les clés du portail ?", "qui a les clés du portail ?"),
        ("Bonjour Camille, qui a les clés du portail ? Merci, Paul", "qui a les clés du portail ?"),
        ("Salut ! Je suis Paul Martin.\nQui a les clés du portail ?\nBonne journée", "Qui a les clés du portail ?"),
        ("Où sont les clés ? Mon mail : paul.martin@example.org", "Où sont les clés ?"),
        ("Est-ce que M. Durand a les clés du portail ?", "Est-ce que a les clés du portail ?"),
        ("qui a les clés, @ana:example.org ou @bob ?", "qui a les clés, ou ?"),
        ("qui a les clés (06 12 34 56 78) ?", "qui a les clés ?"),
        ("Quel prix pour 1 600 € ou 12% en 2026 ?", "Quel prix pour ou en ?"),
        ("C’est quoi la RS5142 et l’imprimante 3D ?", "C’est quoi la RS5142 et l’imprimante 3D ?"),
        ("Le Service Civique et Pôle Emploi, qui paie ?", "Le Service Civique et Pôle Emploi, qui paie ?"),
        ("vous avez vu https://example.org/x?y=1 ? C’est où le portail ?", "C’est où le portail ?"),
        ("On cherche les clés du portail. Une idée ?", "On cherche les clés du portail. Une idée ?"),
        ("Est-ce que Zébulon sait où sont les clés ?", "Est-ce que sait où sont les clés ?"),
        ("où sont les clés svp merci d’avance ?", "où sont les clés"),
        ("Où est la salle 12-B, au 3 ou au 4-bis ?", "Où est la salle 12-B, au ou au 4-bis ?"),
    ):
        assert phrasing(said, ["Zébulon"], KNOWN) == kept, said


def test_each_way_of_asking_is_proposed_once_and_cut_at_a_word() -> None:
    asked = ["Qui a les clés ?", "Bonjour, qui a les CLES ?", "merci", "où sont les clés ?", "06 12 34 56 78"]
    assert phrasings(asked) == ["Qui a les clés ?", "où sont les clés ?"]
    [said] = phrasings(["où se trouve " + "tournevis " * 60 + "?"])
    assert len(said) <= 201
    assert said.endswith("tournevis…")
    assert questions_of("Bonjour ! Où ? Je cherche. Où ? Et " + "x" * 300 + " ?") == ["Où ?"]


def test_links_are_found_with_what_they_show() -> None:
    for said, text, links in (
        ("https://a.example/cles", "", [("a.example : cles", "https://a.example/cles")]),
        ("Voir la fiche : https://a.example/cles.", "", [("Voir la fiche", "https://a.example/cles")]),
        (
            "À l’accueil.\nLe plan : https://a.example/plan\n- [Le mode d’emploi](https://b.example/m(1))",
            "À l’accueil.",
            [("Le plan", "https://a.example/plan"), ("Le mode d’emploi", "https://b.example/m(1)")],
        ),
        (
            "Voir [le plan](https://a.example/) puis dire.",
            "Voir le plan puis dire.",
            [("le plan", "https://a.example/")],
        ),
        ("Sur https://a.example/x tout.", "Sur https://a.example/x tout.", [("a.example : x", "https://a.example/x")]),
        (
            "Pour les clés, passez à l’accueil entre neuf heures et midi, ou demandez à qui tient le bar : https://a.example/",
            "Pour les clés, passez à l’accueil entre neuf heures et midi, ou demandez à qui tient le bar",
            [("a.example", "https://a.example/")],
        ),
        (
            "Oui, demandez à la mairie : https://mairie.example/salles",
            "Oui, demandez à la mairie",
            [("mairie.example : salles", "https://mairie.example/salles")],
        ),
        ("Nos locations, chez nous : https://a.example/", "", [("Nos locations, chez nous", "https://a.example/")]),
        ("Voyez avec https://a.example/pret", "", [("a.example : pret", "https://a.example/pret")]),
        ("[cliquez](javascript:alert(1)) [ici](file:///etc/passwd)", "cliquez ici", []),
        ("![suivi](https://a.example/pixel.png)", "", [("suivi", "https://a.example/pixel.png")]),
        ("http://169.254.169.254/latest, http://localhost/", "http://169.254.169.254/latest, http://localhost/", []),
        ("http://224.0.0.1/ http://[64:ff9b::10.0.0.1]/", "http://224.0.0.1/ http://[64:ff9b::10.0.0.1]/", []),
        ("voir http://[::1 (ou [là](https://[x))", "voir http://[::1 (ou là)", []),
        ("https://banque.example@mal.example/", "https://banque.example@mal.example/", []),
        ("écrivez à mailto:lab@a.example", "", [("écrivez à", "mailto:lab@a.example")]),
        ("Ana : à l’accueil", "à l’accueil", []),
        ("@ana:example.org: à l’accueil", "à l’accueil", []),
        ("Note : à l’accueil", "Note : à l’accueil", []),  # nobody's name
    ):
        assert parse_reply(said, ["Ana"]) == ParsedReply(text, {url: label for label, url in links}), said


# A topic of the forum becomes a draft: what was asked, every link of the replies, who answered

TOPIC = "https://forum.example/t/-/12"
ONEBOX = ['<a href="https://x.example">x.example</a>', '<h3><a href="https://x.example">Le titre</a></h3>']


def told(author: str, html: str, text: str = "") -> TopicPost:
    return TopicPost(author, text or html, html)


def test_a_topic_with_its_replies_becomes_the_fields_of_an_entry() -> None:
    asked = "Bonjour à tous ! Connaissez-vous des formations de fabmanager ? Quel coût ? Merci d’avance."
    posts = [
        told("ana", f"<p>{asked}</p>", asked),
        told("ben", '<p>Il y a <a href="https://a.example/du">le DU</a> et https://b.example</p>'),
        told("cleo", '<p><a href="https://a.example/du">https://a.example/du</a></p>'),
        *(told("ana", "<p>Merci !</p>"), told("ben", '<p><a href="mailto:c@a.example">écrire</a></p>')),
    ]
    assert fields_from_topic("Formation fabmanager", TOPIC, posts) == {
        "title": "Formation fabmanager",
        "questions": ["Formation fabmanager", "Connaissez-vous des formations de fabmanager ?", "Quel coût ?"],
        "links": [{"title": "le DU", "url": "https://a.example/du"}, {"title": "écrire", "url": "mailto:c@a.example"}],
        "contacts": ["ben", "cleo"],
        "source": f"fil du forum, {TOPIC}",
    }


def test_which_links_of_a_post_are_taken() -> None:
    for html, found in (
        ('<a href="https://x.example/une/p">https://x.ex…</a>', {"https://x.example/une/p": "x.example/une/p"}),
        ('<a href="https://x.example" class="inline-onebox">Le site</a>', {"https://x.example": "Le site"}),
        (f'<aside class="onebox">{"".join(ONEBOX)}</aside>', {"https://x.example": "Le titre"}),
        ('<aside class="quote"><a href="https://x.example">cité</a></aside>', {}),
        ('<a class="mention" href="/u/ben">@ben</a>', {}),
        ('<a class="lightbox" href="https://x.example/i.png"><img></a>', {}),
        ('<a href="/t/autre/3">voir aussi</a>', {"https://forum.example/t/autre/3": "voir aussi"}),
        ('<a href="javascript:alert(1)">x</a>', {}),
        (f'<a href="{TOPIC}">ici</a>', {}),
        ('<a href="http://[::1">x</a><a href="/t/4">y</a>', {"https://forum.example/t/4": "y"}),
        ('<![if <a href="https://x.example/?a&amp;b">&lt;R&D&gt; <b>y</b></a>', {"https://x.example/?a&b": "<R&D> y"}),
    ):
        assert links_of_posts(TOPIC, [told("ben", html)]) == found, html


def test_the_links_of_the_question_are_taken_where_no_reply_has_one() -> None:
    asks, answers = (f'<a href="https://{host}.example">le site</a>' for host in ("a", "b"))
    for replies, host in ([], "a"), ([told("ben", "Merci")], "a"), ([told("ben", answers)], "b"):
        found = fields_from_topic("Un sujet", TOPIC, [told("ana", asks), *replies])["links"]
        assert found == [{"title": "le site", "url": f"https://{host}.example"}]
