//! DodoLens: a video of a home in, a moving inventory out, and nothing kept.
//!
//! One way through: functions → [`app`] → its ports, [`crypto`] and [`domain`]; adapters ([`aws`], and by feature `ai`,
//! `media`, `sinks`, `valkey`) implement the ports. Each layer is a crate of its own, so that the compiler holds the
//! order; this one gives them to functions under one name, and joins what only the deployment decides.

#[cfg(feature = "parts")]
mod parts;

#[cfg(feature = "ai")]
pub use dodolens_ai as ai;
pub use dodolens_app as app;
pub use dodolens_aws as aws;
pub use dodolens_config as config;
pub use dodolens_crypto as crypto;
pub use dodolens_domain as domain;
pub use dodolens_edge as edge;
#[cfg(feature = "media")]
pub use dodolens_media as media;
pub use dodolens_runtime as runtime;
#[cfg(feature = "sinks")]
pub use dodolens_sinks as sinks;
#[cfg(feature = "parts")]
pub use dodolens_valkey as valkey;
pub use dodolens_wire as wire;

#[cfg(feature = "parts")]
pub use parts::Parts;
