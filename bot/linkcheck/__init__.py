"""Link checker: whether the addresses in the answers still work."""
