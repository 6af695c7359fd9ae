"""ST-Evidence as multiple choice: the answer, the seconds and the picture that it rests on, each among options."""
