"""Where everything is built and run."""
