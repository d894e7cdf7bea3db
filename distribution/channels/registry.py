"""The channels there are, loaded when first used: a worker that never prints need not load what printing needs."""

from functools import cache

from django.utils.module_loading import import_string

from distribution.channels.base import Channel
from distribution.states import ChannelName

CHANNELS = {
    ChannelName.EINVOICE: "distribution.channels.einvoice.EInvoice",
    ChannelName.EMAIL: "distribution.channels.email.Email",
    ChannelName.PRINT: "distribution.channels.print.Print",
    ChannelName.TO_USER: "distribution.channels.to_user.ToUser",
}


@cache
def channel_for(name: ChannelName) -> Channel:
    channel: Channel = import_string(CHANNELS[ChannelName(name)])()
    return channel
