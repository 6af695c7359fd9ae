"""ST-Evidence generation: an answer, the seconds that it rests on, and the things in the picture that it rests on."""
