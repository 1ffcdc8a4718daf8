//! What stacks of tests differ in.

use std::{ffi::OsString, path::PathBuf};

use dodolens_local::{peer::PeerOptions, stack::Stack};

use super::AI_KEY;

/// What a test's stack differs in from the usual.
pub struct Setup {
    /// The simulated AI.
    pub peer: PeerOptions,
    /// Parameters of the template.
    pub parameters: Vec<(&'static str, String)>,
    /// Environment variables of every function, over the template's.
    pub environment: Vec<(&'static str, String)>,
    /// Factor on the periods of schedules.
    pub schedule_scale: f64,
    /// Most instances of a function at once; more invocations wait for one.
    pub max_instances: Option<usize>,
    /// Another `/opt` of the functions than that of the pinned ffmpeg.
    pub layers: Option<PathBuf>,
    /// Commands that functions, by their logical ids, are started through.
    pub wrappers: Vec<(&'static str, Vec<OsString>)>,
    /// The last change to what the template asks for.
    pub adjust: Option<fn(&mut Stack)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            peer: PeerOptions::new(AI_KEY),
            parameters: Vec::new(),
            environment: Vec::new(),
            schedule_scale: 1.0,
            max_instances: None,
            layers: None,
            wrappers: Vec::new(),
            adjust: None,
        }
    }
}
