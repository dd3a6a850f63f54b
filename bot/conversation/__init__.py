"""Everything that turns one event into one Outcome."""
