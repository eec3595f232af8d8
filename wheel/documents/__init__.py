"""The objects of the contract (docs/contract.md), as every door answers with them: typed, frozen, one JSON form."""
