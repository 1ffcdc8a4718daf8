//! How much one call takes along.

use std::str::FromStr;

use super::ConfigError;

/// How much one call to a vision model takes along; a longer video takes several calls at once. `AI_CALL_LIMITS`, as
/// `pictures=N,megabytes=N,tokens=N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// Most pictures. More are slower, and a model tells less of each; fewer are more calls.
    pub pictures: usize,
    /// Most bytes of pictures, before they are written in base64.
    pub bytes: usize,
    /// Most tokens of the answer.
    pub tokens: u32,
}

impl FromStr for CallLimits {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let (mut pictures, mut megabytes, mut tokens) = (None, None, None);
        for pair in text.split(',') {
            let (name, value) = pair.split_once('=').ok_or(ConfigError::CallLimits)?;
            let value: u32 = value.trim().parse().map_err(|_| ConfigError::CallLimits)?;
            let field = match name.trim() {
                "pictures" => &mut pictures,
                "megabytes" => &mut megabytes,
                "tokens" => &mut tokens,
                _ => return Err(ConfigError::CallLimits),
            };
            *field = Some(value).filter(|value| *value > 0);
        }
        let size = |value: Option<u32>| {
            let value = value.ok_or(ConfigError::CallLimits)?;
            usize::try_from(value).map_err(|_| ConfigError::CallLimits)
        };
        Ok(Self {
            pictures: size(pictures)?,
            bytes: size(megabytes)?.saturating_mul(1_000_000),
            tokens: tokens.ok_or(ConfigError::CallLimits)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_are_wanted_and_none_is_zero() {
        let limits = "pictures=18, megabytes=14,tokens=16000"
            .parse::<CallLimits>()
            .unwrap();
        assert_eq!(
            (limits.pictures, limits.bytes, limits.tokens),
            (18, 14_000_000, 16_000)
        );
        for text in [
            "",
            "pictures=18",
            "pictures=0,megabytes=14,tokens=16000",
            "pictures=18,megabytes=x,tokens=16000",
            "pictures=18,megabytes=14,tokens=16000,frames=1",
        ] {
            assert_eq!(
                text.parse::<CallLimits>(),
                Err(ConfigError::CallLimits),
                "{text}"
            );
        }
    }
}
