"""YAML as people type it: every scalar stays text, every problem has a line and a corrected line to paste."""
