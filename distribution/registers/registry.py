"""Which register a setting names; loaded when first asked."""

from django.conf import settings
from django.utils.module_loading import import_string

from distribution.registers.base import Register, RegisterName

REGISTERS = {
    "file": "distribution.registers.file.FileRegister",
    "peppol": "distribution.registers.peppol.register.PeppolRegister",
    "autoinvoice": "distribution.registers.autoinvoice.AutoInvoiceRegister",
}
OF_CONSUMERS = ("file", "autoinvoice")  # those that know eFaktura
NEAR = frozenset({"file"})  # answer at once, and need no patience


def register_for(name: RegisterName) -> Register:
    """Raises KeyError for a setting that a system check has already refused."""
    register: Register = import_string(REGISTERS[_chosen(name)])()
    return register


def is_near(name: RegisterName) -> bool:
    return _chosen(name) in NEAR


def _chosen(name: RegisterName) -> str:
    chosen: str = {
        RegisterName.EINVOICE: settings.EINVOICE_REGISTER,
        RegisterName.EFAKTURA: settings.EFAKTURA_REGISTER,
    }[name]
    return chosen
