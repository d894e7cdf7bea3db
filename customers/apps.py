from django.apps import AppConfig

from customers.guards import CUSTOMER_GUARDS


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = "Firmaer og kunder"
    guards = CUSTOMER_GUARDS
