"""The loops of a running bot: from the journal to the conversation, from the outbox to the channels, and the clocks."""
