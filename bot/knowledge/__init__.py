"""The knowledge: entries in YAML files, read, checked, followed and edited."""
