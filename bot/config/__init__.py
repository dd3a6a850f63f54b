"""The settings: their sections, their loading, and what `concierge learn` wrote beside them."""
