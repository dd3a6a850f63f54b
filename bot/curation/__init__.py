"""The moderators' work from within the rooms: read the queue, answer, keep what was answered, change the knowledge."""
