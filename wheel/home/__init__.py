"""The home, which is the folder of one municipality's installation: creation, backup, restore."""
