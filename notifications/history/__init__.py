"""What has become of messages, and their export."""
