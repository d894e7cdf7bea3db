"""How a lookup ends that does not end well. The class is the policy; the text is short and technical, without personal data."""


class NotRegistered(Exception):
    """A sure no, from the one who must know."""


class Unclear(Exception):
    """Outage or nonsense: nothing was said, so nothing follows from it."""
