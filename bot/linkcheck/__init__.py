"""Whether the addresses in the answers still lead somewhere."""
