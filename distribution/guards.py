"""What is written once: events, attempts, the activation and its history, changes of settings and agreements, a provider's news."""

from customers.guards import append_only

DISTRIBUTION_GUARDS = (
    *append_only("distribution_activation"),
    *append_only("distribution_methodchange"),
    *append_only("distribution_settingchange"),
    *append_only("distribution_agreementchange"),
    *append_only("distribution_event"),
    *append_only("distribution_providernews", unless="OLD.settled_at IS NULL"),
    *append_only("distribution_attempt", unless="OLD.outcome = ''"),  # an attempt gets its outcome, once
)
