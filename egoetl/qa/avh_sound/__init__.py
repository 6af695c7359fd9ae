"""avh_sound: is a sound there, or only plausible? Two yes/no questions about a clip."""
