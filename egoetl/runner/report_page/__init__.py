"""The page of one evaluation: a single HTML file."""
