"""A company's keys at a provider, as plain values for what calls it."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The representation shows neither: it ends up in tracebacks and logs."""

    company_uuid: str = field(repr=False)
    user_api_key: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Tells two accounts apart without naming them: 16 digits that may stand in a row or a log."""
        return hashlib.sha256(self.company_uuid.encode()).hexdigest()[:16]
