//! Which models an analysis asks.

/// The models that an analysis needs.
#[derive(Debug)]
pub struct Models<'a, V, T, R> {
    /// Sees.
    pub vision: &'a V,
    /// Hears.
    pub transcriber: &'a T,
    /// Understands.
    pub cues: &'a R,
}
