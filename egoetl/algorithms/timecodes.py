"""Milliseconds as people and models read them."""


def seconds(ms: int) -> str:
    """Seconds with as many decimals as are needed: 60000 is `60`, 61500 is `61.5`."""
    whole, rest = divmod(ms, 1000)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)
