"""EgoAVU-Bench: sound sources, dense and segment narrations, temporal reasoning and hallucinations, with sound."""
