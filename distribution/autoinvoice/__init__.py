"""How the AutoInvoice API is spoken to: token, deadline, circuit breaker. What is said to it stands where it is needed: channels
send and follow, registers look up, accounts keep the keys. Knows no rows."""
