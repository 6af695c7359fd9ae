"""Pure functions over numbers and text: windows, sampling, shuffling, wording."""
