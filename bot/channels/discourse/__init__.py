"""Discourse, by its API and webhooks."""
