"""The year's side of mail: which notices exist and what they say. `notifications` knows how to send."""
