"""QA tasks: one folder a task, listed in index.py."""
