"""Whether a UBL document may leave as an e-invoice: layer after layer, each with its findings. Pure; no models, no network."""
