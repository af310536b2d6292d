"""The offline claim code: minted by an office without network, honoured by the hub alone."""
