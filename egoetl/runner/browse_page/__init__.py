"""The local page on which people look through answers: a small server, and a page in plain JavaScript."""
