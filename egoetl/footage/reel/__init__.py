"""The eight scripts that `egoetl footage make` renders, one file each."""
