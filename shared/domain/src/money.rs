//! Money, exactly.

use std::{fmt, str::FromStr, time::Duration};

const NANOS: f64 = 1e9;

/// An amount of US dollars, counted in billionths, so that a single token has a price. Never below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Usd(u64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From billionths of a dollar.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// From dollars, to the nearest billionth; `None` for what is negative or not finite.
    #[must_use]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        // A float cast saturates.
        (dollars.is_finite() && dollars >= 0.0).then(|| Self((dollars * NANOS).round() as u64))
    }

    /// In dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / NANOS
    }

    /// In dollars with six decimals, rounded up: what is not free is not shown as free.
    #[must_use]
    pub fn rounded_dollars(self) -> f64 {
        self.0.div_ceil(1_000) as f64 / 1e6
    }

    /// This many times as much.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The price of a time, at this price a minute, rounded up.
    #[must_use]
    pub fn for_minutes(self, time: Duration) -> Self {
        let nanos = u128::from(self.0).saturating_mul(time.as_millis());
        Self(u64::try_from(nanos.div_ceil(60_000)).unwrap_or(u64::MAX))
    }

    /// One of this many equal parts, rounded down; of none it is zero.
    #[must_use]
    pub fn split(self, parts: u32) -> Self {
        Self(self.0.checked_div(parts.into()).unwrap_or_default())
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it without `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Not a number of dollars, or below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount of US dollars")]
pub struct NotDollars;

impl FromStr for Usd {
    type Err = NotDollars;

    /// From dollars, such as `0.25`.
    fn from_str(text: &str) -> Result<Self, NotDollars> {
        let dollars = text.parse().map_err(|_| NotDollars)?;
        Self::from_dollars(dollars).ok_or(NotDollars)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} USD", self.rounded_dollars())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_counted_in_billionths() {
        assert_eq!(Usd::from_dollars(0.1), Some(Usd::from_nanos(100_000_000)));
        assert_eq!(Usd::from_dollars(0.1 / 1e6), Some(Usd::from_nanos(100)));
        assert_eq!(Usd::from_dollars(f64::MAX), Some(Usd::from_nanos(u64::MAX)));
        for bad in [-0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Usd::from_dollars(bad), None);
        }
        assert_eq!("0.25".parse(), Ok(Usd::from_nanos(250_000_000)));
        assert_eq!("a quarter".parse::<Usd>(), Err(NotDollars));
        assert_eq!(Usd::from_nanos(7).split(2), Usd::from_nanos(3));
        assert_eq!(Usd::from_nanos(7).split(0), Usd::ZERO);
        assert_eq!(Usd::from_nanos(1).rounded_dollars(), 0.000_001);
        assert_eq!(Usd::from_nanos(2_500_000).to_string(), "0.0025 USD");
    }

    #[test]
    fn a_minute_is_paid_by_the_part() {
        let minute = Usd::from_nanos(4_500_000);
        assert_eq!(minute.for_minutes(Duration::from_secs(60)), minute);
        assert_eq!(
            minute.for_minutes(Duration::from_secs(1)),
            Usd::from_nanos(75_000)
        );
        assert_eq!(
            Usd::from_nanos(1).for_minutes(Duration::from_millis(1)),
            Usd::from_nanos(1)
        );
        let all = Usd::from_nanos(u64::MAX);
        assert_eq!(all.for_minutes(Duration::MAX), all);
    }
}
