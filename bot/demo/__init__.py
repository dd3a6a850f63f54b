"""A homeserver, a room and a member on this machine: to see the bot at work without a network."""
