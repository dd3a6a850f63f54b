"""How good the decisions are, and the knowledge."""
