//! What AWS asks for, by region: `prices.json`, with its date and the source of each price.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::item::Item;

/// The table that comes with the code.
const TABLE: &str = include_str!("prices.json");

/// Prices of AWS.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    /// When the table was put together.
    pub date: String,
    /// To compare with targets in euros.
    pub dollars_per_euro: Rate,
    sources: BTreeMap<String, Source>,
    items: BTreeMap<Item, Entry>,
}

/// A rate of exchange.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Dollars for a euro.
    pub value: f64,
    /// Where it is from.
    pub source: String,
}

/// Where a price is from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// In words.
    pub what: String,
    /// When it was read there; `None`: it was looked up nowhere.
    pub read: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// How many of it the price is for.
    per: f64,
    /// How many of it are free of charge each month, for ever and for each account.
    #[serde(default)]
    free: f64,
    /// By region: US dollars, and the name of the source.
    usd: BTreeMap<String, (f64, String)>,
}

/// Why there is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The table can't be read.
    #[error("the table of prices can't be read: {0}")]
    Table(String),
    /// A price is missing, or refers to no source.
    #[error("the table has no price with a source for {item:?} in {region}")]
    Missing {
        /// Of what.
        item: Item,
        /// Where.
        region: String,
    },
    /// The table has no such region.
    #[error("there are no prices of {wanted}; of {} there are", known.join(" and "))]
    Region {
        /// What was asked for.
        wanted: String,
        /// Those that it has.
        known: Vec<String>,
    },
}

/// The prices of one region.
#[derive(Debug, Clone, Copy)]
pub struct Region<'a> {
    prices: &'a Prices,
    name: &'a str,
}

impl Prices {
    /// The table that comes with the code.
    ///
    /// # Errors
    /// [`PriceError::Table`].
    pub fn load() -> Result<Self, PriceError> {
        serde_json::from_str(TABLE).map_err(|error| PriceError::Table(error.to_string()))
    }

    /// The prices of a region, such as `eu-west-3`.
    ///
    /// # Errors
    /// [`PriceError::Region`]; [`PriceError::Missing`] when the table is not whole.
    pub fn region<'a>(&'a self, name: &'a str) -> Result<Region<'a>, PriceError> {
        let known = || self.items.values().flat_map(|entry| entry.usd.keys());
        if !known().any(|region| region == name) {
            let mut known: Vec<_> = known().cloned().collect();
            known.sort();
            known.dedup();
            let wanted = name.to_owned();
            return Err(PriceError::Region { wanted, known });
        }
        let region = Region { prices: self, name };
        for item in self.items.keys() {
            region.source(*item)?;
        }
        Ok(region)
    }
}

impl<'a> Region<'a> {
    /// US dollars for so much of an item in a month.
    ///
    /// # Errors
    /// [`PriceError::Missing`].
    pub fn cost(&self, item: Item, amount: f64) -> Result<f64, PriceError> {
        let (entry, usd, _) = self.entry(item)?;
        Ok((amount - entry.free).max(0.0) / entry.per * usd)
    }

    /// Where the price of an item is from.
    ///
    /// # Errors
    /// [`PriceError::Missing`].
    pub fn source(&self, item: Item) -> Result<&'a Source, PriceError> {
        let (_, _, source) = self.entry(item)?;
        self.prices
            .sources
            .get(source)
            .ok_or_else(|| self.missing(item))
    }

    fn entry(&self, item: Item) -> Result<(&'a Entry, f64, &'a str), PriceError> {
        let entry = self.prices.items.get(&item);
        let entry = entry.and_then(|entry| Some((entry, entry.usd.get(self.name)?)));
        let (entry, (usd, source)) = entry.ok_or_else(|| self.missing(item))?;
        Ok((entry, *usd, source))
    }

    fn missing(&self, item: Item) -> PriceError {
        let region = self.name.to_owned();
        PriceError::Missing { item, region }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_a_price_and_a_source_in_both_regions() {
        let prices = Prices::load().unwrap();
        for name in ["us-east-1", "eu-west-3"] {
            let region = prices.region(name).unwrap();
            for item in prices.items.keys() {
                assert!(region.cost(*item, 1e9).unwrap() > 0.0, "{item:?} in {name}");
                assert!(!region.source(*item).unwrap().what.is_empty());
            }
        }
        assert!(prices.dollars_per_euro.value > 0.5);
    }

    #[test]
    fn no_item_is_without_a_price() {
        let prices = Prices::load().unwrap();
        let virginia = prices.region("us-east-1").unwrap();
        // The last of the enumeration: those before it have smaller discriminants.
        for index in 0..=Item::Users as usize {
            let item = prices.items.keys().find(|item| **item as usize == index);
            let item = *item.unwrap_or_else(|| panic!("item {index} has no price"));
            virginia.source(item).unwrap();
        }
    }

    #[test]
    fn a_region_without_prices_is_refused_by_name() {
        let prices = Prices::load().unwrap();
        let error = prices.region("mars-north-1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are no prices of mars-north-1; of eu-west-3 and us-east-1 there are"
        );
    }

    #[test]
    fn what_is_free_is_not_billed() {
        let prices = Prices::load().unwrap();
        let virginia = prices.region("us-east-1").unwrap();
        assert_eq!(virginia.cost(Item::Users, 10_000.0), Ok(0.0));
        assert_eq!(virginia.cost(Item::Users, 10_100.0), Ok(1.5));
        assert_eq!(virginia.cost(Item::TableWrites, 2e6), Ok(1.25));
    }
}
