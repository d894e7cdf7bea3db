"""Rows and constraints; reads as QuerySet methods. Who writes which is said at each."""

from distribution.models.account import ProviderAccount, ProviderNews
from distribution.models.activation import Activation, MethodChange, ProposalEdit
from distribution.models.alarm import ChannelAlarm
from distribution.models.delivery import Attempt, Delivery, Event
from distribution.models.draft import Draft
from distribution.models.invoice import Invoice, Link, Run
from distribution.models.lookup import Lookup
from distribution.models.mail import BouncedAddress, MailNewsCount, MailQuota, Recipient
from distribution.models.prediction import Prediction
from distribution.models.price import PrintPrice
from distribution.models.settings import (
    Agreement,
    AgreementChange,
    ChannelService,
    DistributionSettings,
    SettingChange,
)
from distribution.models.worker import Worker

__all__ = [
    "Activation",
    "Agreement",
    "AgreementChange",
    "Attempt",
    "BouncedAddress",
    "ChannelAlarm",
    "ChannelService",
    "Delivery",
    "DistributionSettings",
    "Draft",
    "Event",
    "Invoice",
    "Link",
    "Lookup",
    "MailNewsCount",
    "MailQuota",
    "MethodChange",
    "Prediction",
    "PrintPrice",
    "ProposalEdit",
    "ProviderAccount",
    "ProviderNews",
    "Recipient",
    "Run",
    "SettingChange",
    "Worker",
]
