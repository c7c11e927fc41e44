"""RIV-TA: answers of the national service contracts, with or without their SOAP envelope."""

from adapters.rivta.read import RivtaAdapter

__all__ = ["ADAPTER", "RivtaAdapter"]

ADAPTER = RivtaAdapter()
