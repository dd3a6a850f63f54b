"""The knowledge: entries in YAML files, read, checked, watched and edited."""
