"""Who can receive what. A register answers registered, not registered or unknown, and never raises for an outage."""
