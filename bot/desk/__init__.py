"""Pages for moderators: questions, drafts, entries and figures, for those who came by a link from the bot."""
