"""A believable Norwegian company with customers of every kind, to look at and to try; every name is made up."""
