"""Who answers a request: the measured engine needs no model."""
