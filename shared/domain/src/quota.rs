//! How many sessions one client may open.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::{NonZeroU32, NonZeroU64},
};

use super::time::Timestamp;

/// Who opens a session. Personal data: never shown, and stored only as a [`Pseudonym`].
#[derive(Clone, PartialEq, Eq)]
pub struct Principal(Vec<u8>);

impl Principal {
    /// Whom the issuer of a token calls `subject` (RFC 7519, sections 4.1.1 and 4.1.2).
    #[must_use]
    pub fn subject(issuer: &str, subject: &str) -> Self {
        // The length keeps apart what the two texts would be if they were joined elsewhere.
        let length = u64::try_from(issuer.len()).unwrap_or(u64::MAX);
        let mut bytes = b"subject".to_vec();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(issuer.as_bytes());
        bytes.extend_from_slice(subject.as_bytes());
        Self(bytes)
    }

    /// Whoever is at an address. Of IPv6 the /64 counts, which is the least that a subscriber gets (RFC 6177).
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        let mut bytes = b"address".to_vec();
        match address.to_canonical() {
            IpAddr::V4(address) => bytes.extend_from_slice(&address.octets()),
            IpAddr::V6(address) => {
                let network = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
                bytes.extend_from_slice(&network.octets());
            }
        }
        Self(bytes)
    }

    /// Differ for different clients.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[client redacted]")
    }
}

/// Stands for a client in one window of one quota, and tells nothing of it without the master key's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pseudonym(pub [u8; 16]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// So many sessions of a client in each window of time. Windows are fixed: they begin at multiples of their length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Most sessions of one client in a window.
    pub sessions: NonZeroU32,
    /// Length of a window, seconds.
    pub window_seconds: NonZeroU64,
}

impl Quota {
    /// When the window that `now` is in ends.
    #[must_use]
    pub fn window_end(&self, now: Timestamp) -> Timestamp {
        let length = self.window_seconds.get().saturating_mul(1000);
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let begin = now.as_millis() - now.as_millis().rem_euclid(length);
        Timestamp::from_millis(begin.saturating_add(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Principal {
        Principal::address(address.parse().unwrap())
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_client() {
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::2"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("192.0.2.1"), at("::ffff:192.0.2.1"));
    }

    #[test]
    fn a_subject_is_known_by_its_issuer_too() {
        let one = Principal::subject("https://a.example", "bob");
        assert_eq!(one, Principal::subject("https://a.example", "bob"));
        assert_ne!(one, Principal::subject("https://b.example", "bob"));
        assert_ne!(one, Principal::subject("https://a.exampleb", "ob"));
        assert_eq!(format!("{one:?}"), "[client redacted]");
    }

    #[test]
    fn windows_follow_one_another() {
        let quota = Quota {
            sessions: NonZeroU32::MIN,
            window_seconds: NonZeroU64::new(60).unwrap(),
        };
        for (now, end) in [(0, 60_000), (59_999, 60_000), (60_000, 120_000), (-1, 0)] {
            let end_of = quota.window_end(Timestamp::from_millis(now));
            assert_eq!(end_of.as_millis(), end, "{now}");
        }
        let endless = Quota {
            window_seconds: NonZeroU64::MAX,
            ..quota
        };
        assert!(endless.window_end(Timestamp::from_millis(5)) > Timestamp::from_millis(5));
    }
}
