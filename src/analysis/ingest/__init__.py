"""How facts enter `data/`: releases of the mined tables are adopted, never copied over."""
