"""The PDF that came with an invoice, on its way to a printer (R11): bytes in, findings or bytes to print out. Pure.

reading     opens it within `limits`
examining   the rules, one after the other: `fonts`, `size`, `active`, `placement` (of the `marks` on a page)
mending     what can be put right without a change of how it looks
words       the findings, for an accountant
"""
