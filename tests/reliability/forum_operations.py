"""People and misfortunes at random on a forum, and what it must show in the end. Everything follows from the seed."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tests.forum.faults import FAULTS, Answer, held, lost, silence
from tests.forum.state import Post, Topic
from tests.reliability.forum import BOT, CATEGORY, OTHER, QUESTION, ForumScene
from tests.reliability.operations import RandomWalk

QUESTIONS = (QUESTION, OTHER, "@concierge et le prix de la baguette, dans tout cela ?")
CHATTER = ("Bonjour à toutes et tous, ravie d’être là !", "On se voit jeudi, comme prévu ?", "L’atelier était super.")
WHERE = ("POST /posts", "POST /posts", "POST /posts", "GET /posts.json", "GET /t/", "PUT /posts", "")
SLOW: dict[str, Answer] = {"429 of nginx": FAULTS["429 of nginx"], "429 of the search": FAULTS["429 of the search"]}
QUICK: dict[str, Answer] = {name: fault for name, fault in FAULTS.items() if name not in SLOW}
PATIENCE = 31.0  # seconds: longer than the bot waits for an answer
AT_ONCE = timedelta(seconds=0.3)  # what was on its way when a pause was asked for
WORDS = {QUESTION: "https://formation.example/", OTHER: "https://fiche.example/"}
"""What a reply to it must hold; to anything else neither."""


@dataclass
class Result:
    """`posts`: all that people wrote. `lost`: calls without a reply; `doubled`: posts with two, one of them perhaps
    deleted; `left`: with a reply to be gone; `stale`: with a reply to earlier words; `hasty`: requests during a pause;
    `overheard`: new topics answered."""

    posts: int
    calls: int
    overheard: int
    operations: Counter[str]
    lost: int
    doubled: int
    left: int
    stale: int
    hasty: int

    @property
    def right(self) -> bool:
        return not (self.lost or self.doubled or self.left or self.stale)


class ForumOperations(RandomWalk):
    def __init__(self, scene: ForumScene, random: Random, *, slow: bool = True) -> None:
        """`slow`: also with what holds the bot up for longer."""
        super().__init__(scene.program, random)
        self._scene, self._forum = scene, scene.forum
        self._calls: list[Post] = []
        self._deleted: list[Post] = []
        self._posts: list[Post] = []
        self._starts: list[datetime] = []
        self._table = {
            self.open_a_topic: 30,
            self.open_a_topic_to_all: 12,
            self.ask: 30,
            self.chat: 25,
            self.edit: 5,
            self.delete: 4,
            self.fault: 22,
            self.restart: 2,
            self.crash: 4,
            self.outage: 1,
            self.restart_the_forum: 1,
            self.read_only: 1,
        } | ({self.slow_fault: 1, self.time_out: 1} if slow else {})

    async def run(self, length: int) -> None:
        """Until there are so many posts."""
        await self._start()
        await self._scene.marked()
        while len(self._posts) < length:
            await self._do(*self._some(1))

    async def _mend(self) -> None:
        self._forum.heal()
        self._forum.site.read_only = False

    # What people do

    async def open_a_topic(self) -> None:
        self._calls.append(self._say(CATEGORY, self._random.choice(QUESTIONS)))

    async def open_a_topic_to_all(self) -> None:
        """Nobody is called: it is overheard."""
        self._say(CATEGORY, "Où trouver une formation de facilitateur ?")

    async def ask(self) -> None:
        self._calls.append(self._say(self._topic(), self._random.choice(QUESTIONS)))

    async def chat(self) -> None:
        self._say(self._topic(), self._random.choice(CHATTER))

    async def edit(self) -> None:
        if post := self._standing():
            self._forum.edit(post, self._random.choice(QUESTIONS))

    async def delete(self) -> None:
        """A later post of its author, or a whole topic's first one by a moderator."""
        post = self._standing()
        if post and post.number > 1:
            self._calls.remove(post)
            self._deleted.append(post)
            self._forum.delete(post, by=self._random.choice((None, self._forum.user("moda", moderator=True))))

    # What happens to the bot

    async def fault(self) -> None:
        fault = self._random.choice([*QUICK.values()])
        self._forum.fail_next(self._random.choice(WHERE), fault, self._random.randint(1, 2))

    async def slow_fault(self) -> None:
        self._forum.fail_next(self._random.choice(WHERE), self._random.choice([*SLOW.values()]))

    async def time_out(self) -> None:
        """The post is made, or not, or after the bot has given up waiting."""
        released = asyncio.Event()
        asyncio.get_running_loop().call_later(PATIENCE, released.set)
        ways = (silence(PATIENCE), lost(silence(PATIENCE)), held(released), held(released, after=True))
        self._forum.fail_next("POST /posts", self._random.choice(ways))

    async def outage(self) -> None:
        self._forum.down = True
        await self.ask()
        await asyncio.sleep(self._random.uniform(0.5, 2))
        self._forum.down = False

    async def restart_the_forum(self) -> None:
        await self._forum.stop()
        await self.ask()
        await asyncio.sleep(self._random.uniform(0, 2))
        await self._forum.start()

    async def read_only(self) -> None:
        self._forum.site.read_only = True
        await asyncio.sleep(self._random.uniform(0, 2))
        self._forum.site.read_only = False

    # What is there

    async def _start(self) -> None:
        self._starts.append(self._forum.clock())
        await super()._start()

    def _say(self, where: str | Topic, text: str) -> Post:
        """In a topic, or as a new one of a category."""
        name = self._random.choice(("ana", "ben", "eve"))
        self._posts.append(self._forum.say(name, where, text, title=f"Encore un sujet, le {len(self._posts)} du jour"))
        return self._posts[-1]

    def _topic(self) -> Topic:
        topics = [topic for topic in self._forum.board.topics.values() if not topic.deleted_at]
        return self._random.choice(topics[-30:])

    def _standing(self) -> Post | None:
        return self._random.choice(self._calls[-40:]) if self._calls else None

    def _talk_on(self) -> None:
        """A forum takes no fourth reply in a row: in the end, too, people write behind what the bot wrote."""
        for topic in {post.topic.id: post.topic for post in self._calls}.values():
            last = [post for post in topic.posts if not post.deleted_at][-3:]
            if len(last) == 3 and all(post.user.username == BOT for post in last):
                self._say(topic, "Merci beaucoup pour toutes ces réponses !")

    async def _count(self) -> Result:
        self._talk_on()
        tally = self._scene.tally()
        every, calls = [str(post.id) for post in self._posts], {str(post.id) for post in self._calls}
        gone = {str(post.id) for post in self._deleted}
        replies = [(post.topic.numbered(post.reply_to), post.raw) for post in self._forum.posts_of(BOT)]
        standing = {str(answered.id): raw for answered, raw in replies if answered}
        return Result(
            posts=len(self._posts),
            calls=len(self._calls),
            overheard=len(set(tally.replies) & set(every) - calls - gone),
            operations=self._done,
            lost=len(tally.lost(calls)),
            doubled=len(tally.doubled(every)),
            left=len(gone & standing.keys()),
            stale=sum(_is_stale(post, standing.get(str(post.id), "")) for post in self._calls),
            hasty=self._hasty(),
        )

    def _hasty(self) -> int:
        """Requests during a pause. A bot that was killed has forgotten it, so pauses end with a new start."""
        wrong = 0
        for asked in self._forum.requests:
            pauses = [pause for pause in self._forum.pauses if pause.holds(asked)]
            pauses = [pause for pause in pauses if asked.at - pause.start > AT_ONCE]
            wrong += any(not any(pause.start < start <= asked.at for start in self._starts) for pause in pauses)
        return wrong


def _is_stale(post: Post, reply: str) -> bool:
    wanted = WORDS.get(post.raw)
    return bool(reply) and {words for words in WORDS.values() if words in reply} != ({wanted} if wanted else set())
