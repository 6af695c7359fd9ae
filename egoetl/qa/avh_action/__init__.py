"""avh_action: does an action happen, or is it only plausible? Yes/no questions about a clip, or about a segment."""
