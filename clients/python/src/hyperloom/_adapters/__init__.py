"""What adapters for agents' frameworks have in common. It needs none of those frameworks."""
