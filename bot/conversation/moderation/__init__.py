"""The moderators' work: answer questions of the queue, change the knowledge."""
