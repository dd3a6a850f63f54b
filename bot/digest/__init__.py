"""Weekly digest: its schedule, its content, and posting it once."""
