"""The folder that one municipality's installation lives in: made, backed up, restored."""
