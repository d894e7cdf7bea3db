"""The product's settings with the fake provider as the transport of e-invoice, eFaktura and print: for real worker processes."""

from autoinvoice_site.settings import *  # noqa: F403
from distribution.channels import registry

registry.TRANSPORTS["fake"] = "tests.fake_transport.FakeTransport"
EINVOICE_TRANSPORT = EFAKTURA_TRANSPORT = PRINT_TRANSPORT = "fake"
