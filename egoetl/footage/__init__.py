"""Sample footage: first-person-like videos with sound, made from scripts, and the truth about them."""
