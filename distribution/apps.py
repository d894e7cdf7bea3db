from django.apps import AppConfig

from distribution.guards import DISTRIBUTION_GUARDS


class DistributionConfig(AppConfig):
    name = "distribution"
    verbose_name = "Utsendelser"
    guards = DISTRIBUTION_GUARDS
