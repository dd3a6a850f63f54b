"""The conversation: from one event to one Outcome."""
