"""The quality of the decisions and of the knowledge."""
