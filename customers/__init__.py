"""Who sends and who receives: facts only. Knows nothing of how an invoice reaches anybody."""
