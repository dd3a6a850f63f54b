"""Concierge: recognises the questions that a network's members keep asking, and answers with links."""

import os

__version__ = "1.0.0"

# Numpy reads this when it is first imported. Our matrices are small: threads that wait for each other cost three times
# the work, and a core that the homeserver may need.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
