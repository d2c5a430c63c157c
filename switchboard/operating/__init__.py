"""Shows operators which calls there are and were, and does with records what only operators may do."""
