"""Networks, a package each, and the code that they share."""
