"""Names in the SML, and what the fake name server refuses as the real one would."""

import dns.message
import dns.query
import dns.rcode
import pytest
from django.conf import LazySettings

from distribution.registers.peppol.identifiers import participant
from distribution.registers.peppol.sml import name_of
from tests.fake_peppol import Peppol

VECTORS = {
    "0088:123abc": "y7dzfxaf3d4cjz4kcgrxtec6twvcga4ky7zwa5boif6mswd4tdrq",
    "0088:123ABC": "y7dzfxaf3d4cjz4kcgrxtec6twvcga4ky7zwa5boif6mswd4tdrq",
    "0010:5798000000001": "xukhfqabqziki3ykvr2fhr4snfa3pf5vpq6k4tonv3lmvsy5arvq",
    "9915:test": "eh5boavaktmbgzyh2a63dz4qov33fvp5nsdvqklucfraayoodw6a",
    "0192:991825827": "7i2243uolq5qzb6jxfvi6yei4iq7sfipkv55htzfnr6s54y6yufa",
}


@pytest.mark.parametrize(("value", "label"), VECTORS.items())
def test_the_name_of_a_participant(value: str, label: str, settings: LazySettings) -> None:
    name = f"{label}.iso6523-actorid-upis.participant.sml.prod.tech.peppol.org."
    assert str(name_of(participant(value))) == name
    settings.SML_ZONE = "participant.sml.test.tech.peppol.org."
    assert str(name_of(participant(value))) == name.replace("prod", "test")


def test_the_fake_refuses_what_is_no_naptr_of_its_zone(peppol: Peppol, settings: LazySettings) -> None:
    port = int(settings.SML_NAMESERVERS[0].partition(":")[2])
    for name, kind in (("x.participant.sml.prod.example.", "CNAME"), ("x.elsewhere.example.", "NAPTR")):
        response = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=port, timeout=5)
        assert response.rcode() == dns.rcode.REFUSED
    assert len(peppol.trouble) == 2
    peppol.trouble.clear()
