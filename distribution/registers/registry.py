"""Which register a setting names; loaded when first asked."""

from django.conf import settings
from django.utils.module_loading import import_string

from distribution.registers.base import Register, RegisterName

REGISTERS = {
    "file": "distribution.registers.file.FileRegister",
    "autoinvoice": "distribution.registers.autoinvoice.AutoInvoiceRegister",
}


def register_for(name: RegisterName) -> Register:
    """Raises KeyError for a setting that a system check has already refused."""
    chosen = {RegisterName.EINVOICE: settings.EINVOICE_REGISTER, RegisterName.EFAKTURA: settings.EFAKTURA_REGISTER}[
        name
    ]
    register: Register = import_string(REGISTERS[chosen])()
    return register
