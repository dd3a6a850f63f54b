"""Loops of a running bot: journal to conversation, outbox to channels, and the scheduled jobs."""
