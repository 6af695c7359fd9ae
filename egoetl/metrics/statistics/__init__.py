"""What a difference of scores is worth: intervals clustered by video, paired comparison, many tests at once, power."""
