"""What must survive a restart: journal, outbox, question queue and what the bot said. SQLite or PostgreSQL."""
