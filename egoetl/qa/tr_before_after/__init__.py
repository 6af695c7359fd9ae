"""tr_before_after: which action, object or sound came before an action, and which after. Multiple choice."""
