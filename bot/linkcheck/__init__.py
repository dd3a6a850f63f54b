"""Link checker: finds addresses in the answers that no longer work."""
