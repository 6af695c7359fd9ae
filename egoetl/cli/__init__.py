"""The command line: thin. It parses, calls the runner, and prints."""
