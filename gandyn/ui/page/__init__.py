"""The page as a whole: its frame, what all its parts have in common, its colours, and what receives its frames."""
