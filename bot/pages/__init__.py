"""Pages for everybody: themes, answers and the search, from the same knowledge as the rooms'."""
