"""Speed and quality of the matching, side by side with other ways of finding an answer: `make bench`."""
