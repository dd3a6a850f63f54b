"""What moderators do from within the rooms: read the queue, answer, change the knowledge."""
