"""The migrations of `customers`, and one more after the last of them."""

import customers.migrations

__path__ = [*__path__, *customers.migrations.__path__]
