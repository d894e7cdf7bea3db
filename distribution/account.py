"""A company's keys at a provider, as plain values for what calls it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The representation shows neither: it ends up in tracebacks and logs."""

    company_uuid: str = field(repr=False)
    user_api_key: str = field(repr=False)
