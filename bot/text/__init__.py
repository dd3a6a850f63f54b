"""Text as people type it, in two languages: folding, tokens, HTML, Markdown."""
