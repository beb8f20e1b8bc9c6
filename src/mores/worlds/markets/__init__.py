"""Markets: buying, selling, and buying for others."""
