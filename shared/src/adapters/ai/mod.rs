//! Models of AI providers.
