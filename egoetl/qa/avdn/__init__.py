"""avdn: one dense audio-visual narration of a whole clip, with timestamps."""
