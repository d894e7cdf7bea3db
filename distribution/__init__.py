"""How an invoice reaches a customer. The flow, and where each step lives:

intake      bytes -> Invoice (the same bytes twice are the same invoice), planned as a queued Delivery
facts       what is true now: settings, agreements, addresses, what the registers answer
routing     facts -> channel with reasons, or wait, or held; pure, asked by pages, predictions and workers alike
delivery    claims due rows, freezes the bytes, records the attempt, then calls the channel; move() alone writes a status
channels    einvoice, email, print, to_user: hand over, or raise the error class that says what happens next
receipts    what a provider tells later: stored raw, looked up, applied once
sweep       finds what no doorbell told of: dead leases, unknown outcomes, registers that answer again
report      what went in equals what came out
"""
