"""Values that travel between channels and the rest, and the interface of a channel. Standard library only.

In: a channel delivers an `Event` as received, which is journalled, then read into a `Message`, `Edit`, `Redaction`,
`Reaction`, `Joined`, `Unlocked` or `Renewed`. Out: a `Reply`, `Removal` or `OutgoingReaction`, kept in the outbox until
it is sent.
"""

from bot.messages.channel import (
    MODERATOR_POWER,
    AuthenticationFailed,
    Capabilities,
    Channel,
    ChannelError,
    KeyRows,
    KeyStoreUnusable,
    Memory,
    MissingKey,
    NetworkRefusal,
    RateLimited,
    Receive,
    Unreachable,
    ends_bot,
)
from bot.messages.incoming import (
    NOWHERE,
    UNDATED,
    Edit,
    Event,
    Incoming,
    Joined,
    Kind,
    Listen,
    Loss,
    Message,
    Past,
    Reaction,
    Redaction,
    Renewed,
    Skipped,
    Unlocked,
    Venue,
)
from bot.messages.outgoing import (
    TOPICS_SEEN,
    Outgoing,
    OutgoingReaction,
    Removal,
    Reply,
    SearchForum,
    SolvedTopic,
    Topic,
    TopicPost,
    TopicSearch,
    WholeTopic,
)
