"""avh_object: is an object there, or only plausible? Yes/no questions about a clip, or about a segment."""
