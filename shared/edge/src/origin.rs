//! Which web origins (RFC 6454) may open a WebSocket. Browsers always say from which origin a page connects.

use std::str::FromStr;

use http::uri::{Authority, Scheme};

use dodolens_domain::ids::Malformed;

/// The origins that are let in: `*`, or a list of origins as browsers write them, in which the word `none` stands for
/// clients that name no origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Every origin, and none.
    Any,
    /// These alone.
    Listed {
        /// The origins.
        origins: Vec<Origin>,
        /// Whether a client may name none.
        none: bool,
    },
}

impl AllowedOrigins {
    /// Whether a client with this `Origin` header is let in.
    #[must_use]
    pub fn admit(&self, origin: Option<&str>) -> bool {
        match (self, origin) {
            (Self::Any, _) => true,
            (Self::Listed { none, .. }, None) => *none,
            (Self::Listed { origins, .. }, Some(text)) => text
                .parse()
                .is_ok_and(|origin: Origin| origins.contains(&origin)),
        }
    }
}

impl FromStr for AllowedOrigins {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (mut origins, mut none) = (Vec::new(), false);
        for entry in text.split(',').map(str::trim) {
            match entry {
                "*" => return Ok(Self::Any),
                "none" => none = true,
                origin => origins.push(origin.parse()?),
            }
        }
        Ok(Self::Listed { origins, none })
    }
}

/// Scheme, host and port of a page: what must be equal for two origins to be the same (RFC 6454, section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl FromStr for Origin {
    type Err = Malformed;

    /// Reads `<scheme>://<host>[:<port>]` (RFC 6454, section 7.1). `null`, a path, or several origins are refused.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed("web origin");
        let (scheme, authority) = text.split_once("://").ok_or(malformed)?;
        let scheme: Scheme = scheme.parse().map_err(|_| malformed)?;
        let authority: Authority = authority.parse().map_err(|_| malformed)?;
        let scheme = scheme.as_str().to_ascii_lowercase();
        // A name or an address; `Authority` takes more characters than a browser writes.
        let written = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        if scheme.is_empty()
            || authority.host().is_empty()
            || !authority.host().bytes().all(written)
        {
            return Err(malformed);
        }
        // Whatever stands before the host, a user for one, is in no origin.
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => default_port(&scheme),
            Some(rest) => {
                let digits = rest.strip_prefix(':').ok_or(malformed)?;
                // A number in Rust may have a sign.
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(malformed);
                }
                Some(digits.parse().map_err(|_| malformed)?)
            }
            None => return Err(malformed),
        };
        Ok(Self {
            scheme,
            host: authority.host().to_ascii_lowercase(),
            port,
        })
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(list: &str) -> AllowedOrigins {
        list.parse().unwrap()
    }

    #[test]
    fn a_star_lets_everybody_in() {
        for list in ["*", "https://app.example, *"] {
            for origin in [None, Some("https://evil.example"), Some("null"), Some("")] {
                assert!(allowed(list).admit(origin), "{list} {origin:?}");
            }
        }
    }

    #[test]
    fn a_list_lets_in_what_it_names() {
        let list = allowed("https://app.example, http://localhost:3000,capacitor://localhost");
        for same in [
            "https://app.example",
            "HTTPS://App.Example",
            "https://app.example:443",
            "http://localhost:3000",
            "capacitor://localhost",
        ] {
            assert!(list.admit(Some(same)), "{same}");
        }
        for other in [
            "http://app.example",
            "https://app.example:8443",
            "https://app.example.evil.example",
            "https://evil.example",
            "https://xapp.example",
            "https://app.example/",
            "https://app.example https://evil.example",
            "https://app.example,https://evil.example",
            "https://app.example@evil.example",
            "https://app.example:443:443",
            "https://app.example:",
            "https://app.example:99999",
            "https://app.example:+443",
            "https://:443",
            "https://app,example",
            "https://",
            "://app.example",
            "app.example",
            "http://localhost",
            "null",
            "none",
            "*",
            "",
        ] {
            assert!(!list.admit(Some(other)), "{other}");
        }
        assert!(!list.admit(None));
    }

    #[test]
    fn none_is_let_in_where_the_list_says_so() {
        let list = allowed("https://app.example,none");
        assert!(list.admit(None) && list.admit(Some("https://app.example")));
        assert!(!list.admit(Some("none")) && !list.admit(Some("https://evil.example")));
        assert!(allowed("none").admit(None));
    }

    #[test]
    fn a_list_that_can_t_be_read_is_refused() {
        for bad in [
            "",
            "null",
            "app.example",
            "https://app.example/",
            "https://a,,https://b",
            "https://:443",
        ] {
            assert!(bad.parse::<AllowedOrigins>().is_err(), "{bad}");
        }
    }
}
