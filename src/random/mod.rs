//! Counter-based generator.
