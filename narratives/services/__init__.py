"""What is done with narratives: detection, assignment, consolidation, and editors' changes."""
