"""What people say with an emoji, or with a word that means the same: one table of signs, one of what each does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from functools import partial
from typing import Literal

from bot.conversation import admission, answers, choices, question_queue, small_talk
from bot.conversation.addressing import Utterance, curt, plain_sign
from bot.conversation.context import Context
from bot.conversation.moderation import capture, desk_links, drafts, phrasings, relay, reply_candidates
from bot.conversation.policy import CHOICE_AGE
from bot.matching.decision import Silent, decide
from bot.messages import Message, Reaction, Redaction, Reply
from bot.reading import Pick
from bot.replies import AGREE, CAPTURE, CHOICES, MORE, REFUSE
from bot.store import DISLIKED, LIKED, Outcome, Post, Purpose, SentPost
from bot.text.folding import fold, tokens

Sign = Literal["agree", "refuse", "like", "dislike", "capture", "more"]
Action = Sign | Pick
Handler = Callable[[Context, SentPost, str], Awaitable[Outcome | None]]
"""What a user's sign under a post does; None: nothing."""

SIGNS: Sequence[tuple[Sign, Sequence[str], Sequence[str]]] = (  # action, reactions, words that mean the same
    (
        "agree",
        (AGREE,),
        (
            *("oui", "ouais", "yes", "ok", "d'accord", "volontiers"),
            *("oui merci de la transmettre", "yes please pass it on", "yep", "ouep"),
            *("vas y", "oui vas y", "ok vas y", "si", "oui bien sur", "bien sur", "je veux bien", "oui je veux bien"),
            *("avec plaisir", "sure", "go ahead"),
        ),
    ),
    (
        "refuse",
        (REFUSE,),
        (
            *("non", "no", "nan", "nn", "nope", "not that"),
            *("aucun", "aucune", "aucune des deux", "aucune des trois", "0", "none", "neither"),
            *("aucune de celles-ci", "rien de tout ca", "non rien de tout cela", "none of these"),
            *("pas ca", "c pas ca", "non pas ca", "c'est pas ca", "non c'est pas ca", "ce n'est pas ca"),
            *("pas sa", "nn pas sa", "non pas sa", "pas maintenant"),
            *("aucun des deux", "aucun des trois", "ni l'un ni l'autre", "ni l'une ni l'autre"),
            "no none of these fits",
        ),
    ),
    ("like", ("👍",), ()),
    ("dislike", ("👎",), ()),
    ("capture", (CAPTURE,), ()),
    ("more", (MORE,), ("plus", "la suite", "suite", "en savoir plus", "dis m'en plus", "+", "more", "tell me more")),
)  # fmt: skip
_BEYOND = 9
_NUMBERS: Mapping[int, Sequence[str]] = {  # of the suggestions, counted from 0; -1: the last
    0: "1 un une premier premiere premieres 1er 1ere 1re one first 1st".split(),
    1: "2 deux deuxieme second seconde 2e 2eme two 2nd".split(),
    2: "3 trois troisieme 3e 3eme three third 3rd".split(),
    -1: "derniere dernier last".split(),
    _BEYOND: "4 5 6 7 8 9 quatre cinq six sept huit neuf quatrieme cinquieme four five fourth fifth".split(),
}
_TOGETHER: dict[str, Action] = {
    **dict.fromkeys(("toutes", "tous", "all", "all of them"), Pick(())),
    **dict.fromkeys(("les deux", "les 2", "toutes les deux", "tous les deux", "both"), Pick((0, 1), of=2)),
    **dict.fromkeys(("2 premieres", "deux premieres"), Pick((0, 1))),
    **dict.fromkeys(("celle du milieu", "celui du milieu", "middle one", "middle"), Pick((1,), of=3)),
    **dict.fromkeys(
        ("les trois", "les 3", "toutes les trois", "tous les trois", "toutes les 3", "all three"), Pick((), of=3)
    ),
}
_NUMBER_OF = {word: number for number, words in _NUMBERS.items() for word in words}
_ALONE = {"un", "une", "one"}  # numbers only where nothing else is said
_BETWEEN = set(  # 'la 1 et la 2', 'n°1 et n°2', 'je prends la 1', 'la 2 plutot'
    "et and la le les the n no num numero number je j veux voudrais prends prendrais choisis option choix reponse "
    "plutot ouais oui ok yes stp svp merci puis apres aussi alors donc celle celui".split()
)
_LONGEST = 40  # characters of a sign in words

_REACTIONS: dict[str, Action] = {plain_sign(sign): action for action, signs, _ in SIGNS for sign in signs}
_REACTIONS |= {plain_sign(sign): Pick((number,)) for number, sign in enumerate(CHOICES)}
_SAID: dict[str, Action] = {fold(word): action for action, _, words in SIGNS for word in words}
_WORDS = _REACTIONS | _SAID | _TOGETHER
_GRATEFUL = {"👍", "❤", "🙏"}  # under a person's reply
_THANKS = {fold("ok merci"), fold("d'accord merci")}


def action_of(text: str) -> Action | None:
    """What a text says that is nothing but one of the signs."""
    if len(text) > _LONGEST:
        return None
    said = plain_sign(text.strip())
    if " ".join(tokens(fold(said))) in _THANKS:
        return None
    words = curt(said)
    return _WORDS.get(said) or _WORDS.get(words) or _picked(words)


def _picked(words: str) -> Pick | None:
    """What numbers choose: '2', 'la 1 et la 2', '1, 3'; '+1' agrees with somebody."""
    named = [word for word in re.split(r"\W+", words) if word and word not in _BETWEEN]
    if not named or words.startswith("+") or any(word not in _NUMBER_OF for word in named):
        return None
    is_article = len(words.split()) > 1 and not _ALONE.isdisjoint(named)
    return None if is_article else Pick(tuple(dict.fromkeys(_NUMBER_OF[word] for word in named)))


async def meant(ctx: Context, utterance: Utterance) -> SentPost | None:
    """The post that a sign in words is about without a reply: of yes and no the latest question to that person, of all
    others the latest reply that said something. 'ok' is a yes to what was said last, nothing more.

    Whoever does not call the bot by name is right behind it: nobody else spoke in between.
    """
    message, action = utterance.message, action_of(utterance.text)
    if message.reply_to or action is None:
        return None
    asks = {purpose for word, purpose in _IN_WORDS if word == _kind(action)}
    is_ok = small_talk.topic_of(utterance.text) == "leave"
    latest = {*answers.REPLIES, "command"} if is_ok else answers.REPLIES
    purposes = asks if action in ("agree", "refuse") and not is_ok else latest
    post = await _latest(ctx, message, purposes)
    if post and post.purpose == "unknown" and isinstance(action, Pick):
        post = await _latest(ctx, message, purposes - {"unknown"})
        post = post if post and post.purpose == "suggest" else None
    if post is None or post.removed or post.purpose not in asks:
        return None
    if utterance.called or message.direct:
        return post
    is_talk = message.mentions_others or (
        isinstance(action, Pick) and (not action.numbers or max(action.numbers) > len(CHOICES))
    )
    return None if is_talk or await ctx.store.journal.others_spoke(message, post.made) else post


async def _latest(ctx: Context, message: Message, purposes: Set[Purpose]) -> SentPost | None:
    return await ctx.store.posts.latest_to(message.room, message.sender, purposes, ctx.clock() - CHOICE_AGE)


def _kind(action: Action) -> Sign | Literal["pick"]:
    return "pick" if isinstance(action, Pick) else action


async def react(ctx: Context, reaction: Reaction) -> Outcome:
    action = _REACTIONS.get(plain_sign(reaction.key))
    if action == "capture":
        return await capture.accept(ctx, reaction)
    if action in ("like", "dislike") and await ctx.store.journal.is_redacted(reaction.id):
        return Outcome("taken back before it was heard")
    post = await ctx.store.posts.find(reaction.target)
    if post is None and await ctx.store.outbox.is_sending(reaction.room):
        return answers.retry_soon(ctx)
    if post is None or post.removed:
        is_thanks = post is None and plain_sign(reaction.key) in _GRATEFUL
        candidate = await reply_candidates.thanked_by_sign(ctx, reaction) if is_thanks else None
        return Outcome("a reaction to something else", candidate=candidate)
    outcome = await _apply(ctx, action, post, reaction.sender)
    return outcome or Outcome("a reaction that means nothing to us")


async def reply(ctx: Context, post: SentPost, utterance: Utterance) -> Outcome | None:
    """A reply to a post that only says yes, no or a number; None: it says something else, or that means nothing."""
    if post.purpose == "draft" and (filed := await drafts.file_under(ctx, post, utterance)):
        return filed
    action, message = action_of(utterance.text), utterance.message
    words = _IN_WORDS if ctx.channel.capabilities.reacts else _IN_WORDS | _WHERE_ONLY_WORDS
    if action is None or (_kind(action), post.purpose) not in words:
        return None
    if post.purpose == "unknown" and not message.private:
        return None
    outcome = await _apply(ctx, action, post, message.sender)
    is_idle = outcome is not None and outcome == Outcome(outcome.reason)
    if not is_idle or not (utterance.called or message.direct):
        return outcome
    if action == "more":
        return Outcome("nothing more to show", (answers.post(ctx, message, ctx.replies.say("no_more"), "command"),))
    return None  # whoever calls it gets a reply


async def _apply(ctx: Context, action: Action | None, post: SentPost, user: str) -> Outcome | None:
    if isinstance(action, Pick):
        pick = _PICKS.get(post.purpose)
        return await pick(ctx, post, user, action) if pick else None
    handler = _HANDLERS.get((action, post.purpose)) or _HANDLERS.get((action, None))
    return await handler(ctx, post, user) if handler else None


async def consent(ctx: Context, post: SentPost, user: str) -> Outcome:
    """The asker agrees that moderators see a question that was asked in private."""
    if post.event is None or ctx.store.hash(user) != post.asker:
        return Outcome("nothing to agree to")
    question = await admission.question_of(ctx, post)
    if question is None or not question.message.private:
        return Outcome("nothing to agree to")
    if await question_queue.queue_status(ctx, question.message) != "offered":
        return Outcome("nothing to agree to")
    if await ctx.store.queue.question_of(question.message.channel, question.message.id):
        return Outcome("agreed already")
    answer = Reply(post.room, ctx.replies.unknown(then="queued"), to=post.question, replaces=post.event)
    passed_on = Post(answer, "unknown", question=post.question, asker=user)
    outcome = Outcome("passed on", (passed_on,), ask=await question_queue.question(ctx, question))
    return answers.wrap_for_channel(ctx, question, outcome)


async def decline(ctx: Context, post: SentPost, user: str) -> Outcome | None:
    """The asker wants no moderator to see a question that was asked in private, or no longer."""
    question = await admission.question_of(ctx, post) if ctx.store.hash(user) == post.asker else None
    if question is None or await question_queue.queue_status(ctx, question.message) != "offered":
        return await remove(ctx, post, user)
    queued = await ctx.store.queue.question_of(post.channel, question.message.id)
    if queued and queued.closed:
        return Outcome("answered already")
    kept = Reply(post.room, ctx.replies.unknown(then="nothing"), to=post.question, replaces=post.event)
    withdrawn = Post(kept, "unknown", question=post.question, asker=user)
    outcome = Outcome("not passed on", (withdrawn,), dequeue=post.question if queued else None)
    return answers.wrap_for_channel(ctx, question, outcome)


async def remove(ctx: Context, post: SentPost, user: str) -> Outcome | None:
    return Outcome("removed by a moderator", withdraw=(post.id,)) if await ctx.moderates(user) else None


async def judge(ctx: Context, post: SentPost, user: str, value: int) -> Outcome:
    """Count a 👍 or 👎 for the entry that stands there now; 👎 puts what was a question in the queue as well."""
    counted = feedback(await answers.current(ctx, post) or post, user, value)
    ask = await question_queue.unanswered(ctx, post) if value < 0 and post.purpose != "command" else None
    candidate = await phrasings.liked(ctx, post) if value > 0 else None
    return Outcome(LIKED if value > 0 else DISLIKED, feedback=counted, ask=ask, candidate=candidate)


def feedback(post: SentPost, user: str, value: int) -> tuple[str, str, int] | None:
    """`Outcome.feedback` for a post; None: it does not answer with an entry."""
    return (post.entries[0], user, value) if post.entries and post.purpose != "suggest" else None


async def retract(ctx: Context, redaction: Redaction) -> Outcome | None:
    """A deleted 👍 or 👎 counts no more, nor does the question that a 👎 put in the queue. None: it was neither."""
    retracted = await ctx.store.feedback.retracted(redaction.channel, redaction.target, redaction.sender)
    post = await ctx.store.posts.find(retracted.target) if retracted else None
    if retracted is None or post is None:
        return None
    current = await answers.current(ctx, post) or post
    is_alone = not retracted.disliked and await _is_queued_for_dislike(ctx, current)
    counted = feedback(current, redaction.sender, retracted.value)
    return Outcome("taken back", feedback=counted, dequeue=post.question if is_alone else None)


async def _is_queued_for_dislike(ctx: Context, post: SentPost) -> bool:
    """Whether the question waits only because its answer was disliked, and no moderator has a draft for it."""
    if post.question is None or not post.entries:
        return False
    queued = await ctx.store.queue.question_of(post.channel, post.question)
    if queued is None or queued.closed or await ctx.store.queue.draft_for(queued.number):
        return False
    return not await _has_unanswered_part(ctx, post)


async def _has_unanswered_part(ctx: Context, post: SentPost) -> bool:
    question = await admission.question_of(ctx, post)
    if question is None or post.overheard:
        return False
    decision = decide(await ctx.at(question.message).search(question.text), True, ctx.limits)
    return isinstance(decision, Silent) or bool(decision.unanswered)


_HANDLERS: Mapping[tuple[Sign | None, Purpose | None], Handler] = {  # by the post's purpose; None: any other
    ("agree", "draft"): partial(drafts.decide, yes=True),
    ("refuse", "draft"): partial(drafts.decide, yes=False),
    ("refuse", "asked"): drafts.set_aside,
    ("refuse", "relayed"): relay.take_back,
    ("refuse", "session"): desk_links.end,
    ("agree", "unknown"): consent,
    ("agree", "suggest"): choices.choose_only,
    ("refuse", "suggest"): choices.choose_none,
    ("refuse", "unknown"): decline,
    ("refuse", None): remove,
    ("like", None): partial(judge, value=1),
    ("dislike", None): partial(judge, value=-1),
    ("more", "answer"): choices.show_more,
}
_PICKS: Mapping[Purpose, Callable[[Context, SentPost, str, Pick], Awaitable[Outcome | None]]] = {
    "suggest": choices.choose,
    "answer": choices.show_related,
    "short": choices.show_related,
}
_IN_WORDS: Set[tuple[Sign | Literal["pick"], Purpose]] = {  # what words do as well
    *(("agree", "draft"), ("refuse", "draft"), ("agree", "unknown"), ("agree", "suggest"), ("refuse", "suggest")),
    *(("refuse", "unknown"), ("refuse", "session"), ("more", "answer")),
    *(("pick", "suggest"), ("pick", "answer"), ("pick", "short")),
}
_WHERE_ONLY_WORDS: Set[tuple[Sign | Literal["pick"], Purpose]] = {("refuse", "asked"), ("refuse", "relayed")}
"""What they do beside where there are no emojis; elsewhere moderators may say these among themselves."""
