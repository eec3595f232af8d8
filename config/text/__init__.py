"""The texts that people read, in Swedish and English."""
