"""The moderators' work: answering questions of the queue, changing the knowledge."""
