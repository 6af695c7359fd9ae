"""tr_before_after: which event came before another, and which after. Two multiple-choice questions about a clip."""
