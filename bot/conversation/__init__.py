"""From one event to one Outcome."""
