"""Who receives e-invoices in Peppol: the SML (DNS) names the SMP of a participant, the SMP says in a signed answer what it receives.

    NXDOMAIN or no NAPTR, said by the zone of the participants  not registered
    the SMP answers 404 for the document                        not registered, for that document
    no endpoint for our process, wrong profile, expired         not registered, with the reason
    the same said by another zone, or by none (no SOA)          unknown
    SERVFAIL, time-out, 5xx, 429, broken, too large             unknown
    bad signature, signed by a stranger, about somebody else    unknown

Unknown is asked again; it is never read as «no» (R25).
"""
