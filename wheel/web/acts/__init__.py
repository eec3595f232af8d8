"""The acts on a plan as forms: each says its fields, what it begins with, and which verb it asks the desk for."""
