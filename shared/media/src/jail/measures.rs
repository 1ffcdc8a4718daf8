//! What holds the decoder in, by name, and what to do when a kernel refuses it.

use std::{fmt, str::FromStr};

/// What to do at start when the kernel refuses a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Don't start.
    Strict,
    /// Go on with the rest.
    Lenient,
}

impl FromStr for Strictness {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "strict" => Ok(Self::Strict),
            "lenient" => Ok(Self::Lenient),
            _ => Err(()),
        }
    }
}

/// A set of measures, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures(u16);

impl Measures {
    pub(super) const PARENT_DEATH: Self = Self(1);
    pub(super) const NO_NEW_PRIVILEGES: Self = Self(1 << 1);
    pub(super) const NO_CAPABILITIES: Self = Self(1 << 2);
    pub(super) const FILE_SIZE: Self = Self(1 << 3);
    pub(super) const CORE: Self = Self(1 << 4);
    pub(super) const CPU: Self = Self(1 << 5);
    pub(super) const MEMORY: Self = Self(1 << 6);
    pub(super) const DESCRIPTORS: Self = Self(1 << 7);
    pub(super) const TASKS: Self = Self(1 << 8);
    pub(super) const SYSTEM_CALLS: Self = Self(1 << 9);

    const NAMES: [(Self, &'static str); 10] = [
        (Self::PARENT_DEATH, "PR_SET_PDEATHSIG"),
        (Self::NO_NEW_PRIVILEGES, "PR_SET_NO_NEW_PRIVS"),
        (Self::NO_CAPABILITIES, "capset"),
        (Self::FILE_SIZE, "RLIMIT_FSIZE"),
        (Self::CORE, "RLIMIT_CORE"),
        (Self::CPU, "RLIMIT_CPU"),
        (Self::MEMORY, "RLIMIT_AS"),
        (Self::DESCRIPTORS, "RLIMIT_NOFILE"),
        (Self::TASKS, "RLIMIT_NPROC"),
        (Self::SYSTEM_CALLS, "seccomp"),
    ];

    /// As the two bytes of [`Self::to_bytes`].
    pub(super) fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_ne_bytes(bytes))
    }

    pub(super) fn to_bytes(self) -> [u8; 2] {
        self.0.to_ne_bytes()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is among them.
    pub(super) fn contains(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    /// Those that are not among `others`.
    pub(super) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// What the kernel calls them.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let names = Self::NAMES.into_iter();
        names.filter_map(move |(one, name)| self.contains(one).then_some(name))
    }
}

impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.names().enumerate() {
            write!(f, "{}{name}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_told_by_name_and_survive_a_pipe() {
        let mut set = Measures::default();
        assert!(set.is_empty());
        set.add(Measures::CPU);
        set.add(Measures::SYSTEM_CALLS);
        assert_eq!(set.to_string(), "RLIMIT_CPU, seccomp");
        assert_eq!(Measures::from_bytes(set.to_bytes()), set);
        assert_eq!(set.without(Measures::CPU), Measures::SYSTEM_CALLS);
    }

    #[test]
    fn strictness_is_read() {
        assert_eq!("strict".parse(), Ok(Strictness::Strict));
        assert_eq!("lenient".parse(), Ok(Strictness::Lenient));
        assert!("Strict".parse::<Strictness>().is_err());
    }
}
