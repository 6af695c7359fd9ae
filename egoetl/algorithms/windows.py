"""Cutting an interval into consecutive windows."""


def consecutive_windows(start_ms: int, end_ms: int, length_ms: int) -> tuple[tuple[int, int], ...]:
    """Cover [start_ms, end_ms) with half-open windows of `length_ms`; the last one is shorter where there is a remainder."""
    return tuple((start, min(start + length_ms, end_ms)) for start in range(start_ms, end_ms, length_ms))
