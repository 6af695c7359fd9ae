"""avsn: an audio-visual narration of one named interval of the video, or a comparison of two."""
