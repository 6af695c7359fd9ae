"""EgoTempo: open questions about first-person clips that no single frame answers."""
