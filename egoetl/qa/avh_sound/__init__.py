"""avh_sound: is a sound there, or only plausible? Yes/no questions about a clip, or about a segment."""
