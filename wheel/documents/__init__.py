"""The documents of the contract (docs/contract.md), with which every door answers: typed, frozen, one JSON form."""
