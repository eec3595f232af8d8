"""The starter folder that `arshjul new` writes for a municipality."""
