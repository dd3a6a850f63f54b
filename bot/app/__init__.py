"""Composition root: builds and runs the program."""
