//! The attributes of an item, each read as its kind or told by its name.

use aws_sdk_dynamodb::types::AttributeValue;
use dodolens_app::ports::Corrupt;
use dodolens_domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::item::Item;

/// An item, or a map in one.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a>(pub &'a Item);

impl<'a> Record<'a> {
    /// An attribute that must be there, as `read` reads it.
    ///
    /// # Errors
    /// [`Corrupt`] when it is absent or not of its kind.
    pub fn must<T>(
        self,
        name: &'static str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<T, Corrupt> {
        self.0.get(name).and_then(read).ok_or(Corrupt(name))
    }

    /// An attribute that may be absent.
    ///
    /// # Errors
    /// [`Corrupt`] when it is there and not of its kind.
    pub fn may<T>(
        self,
        name: &'static str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, Corrupt> {
        let read = |value| read(value).ok_or(Corrupt(name));
        self.0.get(name).map(read).transpose()
    }

    /// A map, each of whose members is as `read` reads it.
    ///
    /// # Errors
    /// [`Corrupt`] when it is absent or one of its members is not of its kind.
    pub fn map<K, V, M: FromIterator<(K, V)>>(
        self,
        name: &'static str,
        read: impl Fn(&'a str, &'a AttributeValue) -> Option<(K, V)>,
    ) -> Result<M, Corrupt> {
        self.must(name, |value| {
            let members = value.as_m().ok()?.iter();
            members.map(|(key, value)| read(key, value)).collect()
        })
    }
}

pub fn string(value: &AttributeValue) -> Option<&str> {
    value.as_s().ok().map(String::as_str)
}

pub fn integer<T: std::str::FromStr>(value: &AttributeValue) -> Option<T> {
    value.as_n().ok()?.parse().ok()
}

pub fn time(value: &AttributeValue) -> Option<Timestamp> {
    integer(value).map(Timestamp::from_millis)
}

pub fn binary(value: &AttributeValue) -> Option<&[u8]> {
    value.as_b().ok().map(AsRef::as_ref)
}

pub fn blob<const N: usize>(value: &AttributeValue) -> Option<[u8; N]> {
    binary(value)?.try_into().ok()
}

/// A value in its wire form; a plain enum is its name.
pub fn json<T: DeserializeOwned>(value: &AttributeValue) -> Option<T> {
    let text = string(value)?;
    if text.starts_with('{') {
        serde_json::from_str(text).ok()
    } else {
        serde_json::from_value(Value::String(text.to_owned())).ok()
    }
}
