"""How one invoice leaves. A channel is one folder and one line in the registry; it hands over or raises, and never sees a row."""
