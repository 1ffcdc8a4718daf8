//! Random passwords.

use serde::Deserialize;

use super::store::Refusal;

/// `GetRandomPassword`'s request; <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Rules {
    pub password_length: usize,
    pub exclude_characters: String,
    pub exclude_lowercase: bool,
    pub exclude_numbers: bool,
    pub exclude_punctuation: bool,
    pub exclude_uppercase: bool,
    pub include_space: bool,
    pub require_each_included_type: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            password_length: 32,
            exclude_characters: String::new(),
            exclude_lowercase: false,
            exclude_numbers: false,
            exclude_punctuation: false,
            exclude_uppercase: false,
            include_space: false,
            require_each_included_type: true,
        }
    }
}

impl Rules {
    /// A password of these rules.
    pub fn password(&self) -> Result<String, Refusal> {
        let types = self.types();
        let all: Vec<char> = types.iter().flatten().copied().collect();
        let required = if self.require_each_included_type {
            types.len()
        } else {
            0
        };
        if all.is_empty() || !(required.max(1)..=4096).contains(&self.password_length) {
            return Err(Refusal::InvalidParameter);
        }
        loop {
            let password = (0..self.password_length)
                .map(|_| pick(&all))
                .collect::<Result<String, _>>()?;
            let has = |of: &Vec<char>| password.chars().any(|letter| of.contains(&letter));
            if required == 0 || types.iter().all(has) {
                return Ok(password);
            }
        }
    }

    fn types(&self) -> Vec<Vec<char>> {
        let punctuation = ('!'..='~').filter(char::is_ascii_punctuation).collect();
        let types: [(bool, Vec<char>); 5] = [
            (!self.exclude_lowercase, ('a'..='z').collect()),
            (!self.exclude_uppercase, ('A'..='Z').collect()),
            (!self.exclude_numbers, ('0'..='9').collect()),
            (!self.exclude_punctuation, punctuation),
            (self.include_space, vec![' ']),
        ];
        let allowed = |mut of: Vec<char>| {
            of.retain(|letter| !self.exclude_characters.contains(*letter));
            of
        };
        types
            .into_iter()
            .filter_map(|(wanted, of)| wanted.then(|| allowed(of)))
            .filter(|of| !of.is_empty())
            .collect()
    }
}

/// One of at most 95 characters, every one as likely.
fn pick(from: &[char]) -> Result<char, Refusal> {
    loop {
        let random = getrandom::u32().map_err(|_| Refusal::InvalidRequest)? as usize % 128;
        if let Some(letter) = from.get(random) {
            return Ok(*letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_keeps_its_rules() {
        let rules = Rules {
            password_length: 4,
            exclude_punctuation: true,
            exclude_characters: "0oO".into(),
            include_space: true,
            ..Rules::default()
        };
        for _ in 0..50 {
            let password = rules.password().unwrap();
            assert_eq!(password.chars().count(), 4);
            for of in [
                "abcdefghijklmnpqrstuvwxyz",
                "ABCDEFGHIJKLMNPQRSTUVWXYZ",
                "123456789",
                " ",
            ] {
                assert!(password.contains(|letter| of.contains(letter)), "{of}");
            }
        }
        assert_ne!(
            Rules::default().password().ok(),
            Rules::default().password().ok()
        );
    }

    #[test]
    fn rules_that_leave_nothing_are_refused() {
        let nothing = Rules {
            exclude_lowercase: true,
            exclude_uppercase: true,
            exclude_numbers: true,
            exclude_punctuation: true,
            ..Rules::default()
        };
        let short = Rules {
            password_length: 3,
            ..Rules::default()
        };
        assert_eq!(nothing.password(), Err(Refusal::InvalidParameter));
        assert_eq!(short.password(), Err(Refusal::InvalidParameter));
    }
}
