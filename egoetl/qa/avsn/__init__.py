"""avsn: an audio-visual narration of one named interval of the video."""
