"""For whoever writes a protocol: a review, what can never come about, comparison, a template, the JSON Schema, a summary."""
