"""The settings: their sections and their loading."""
