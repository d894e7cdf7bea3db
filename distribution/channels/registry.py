"""The channels and transports there are, loaded when first used: a worker that never prints need not load printing."""

from functools import cache

from django.utils.module_loading import import_string

from distribution.channels.base import Channel, Transport
from distribution.states import ChannelName

CHANNELS = {
    ChannelName.EINVOICE: "distribution.channels.einvoice.EInvoice",
    ChannelName.EMAIL: "distribution.channels.email.Email",
    ChannelName.PRINT: "distribution.channels.print.Print",
    ChannelName.TO_USER: "distribution.channels.to_user.ToUser",
}


# By the name that a setting gives and an attempt keeps: whom an unknown outcome is asked of does not change with the setting.
TRANSPORTS = {
    "folder": "distribution.channels.folder.Folder",
    "autoinvoice": "distribution.channels.einvoice.autoinvoice.AutoInvoice",
    "sftp": "distribution.channels.print.sftp.Sftp",
}
# Those that take mail, of which so many may leave in a minute.
MAIL = {
    "smtp": "distribution.channels.email.smtp.Smtp",
    "anymail": "distribution.channels.email.provider.Anymail",
}
# Not to be chosen: what EMAIL_URL and an empty recipient lead to.
OTHER_TRANSPORTS = {
    **MAIL,
    "ready": "distribution.channels.to_user.MadeReady",
}


def transport_named(name: str) -> Transport:
    """Raises KeyError for a name that a system check has refused, or that an older release knew."""
    transport: Transport = import_string({**TRANSPORTS, **OTHER_TRANSPORTS}[name])()
    return transport


@cache
def channel_for(name: ChannelName) -> Channel:
    channel: Channel = import_string(CHANNELS[ChannelName(name)])()
    return channel
