"""How facts enter `data/` from a document: read, proposed, and accepted by a person."""
