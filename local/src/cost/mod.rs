//! What the service costs on AWS: the calls of a real run on this machine, counted, times a table of prices.

mod ai;
mod assumed;
mod error;
mod item;
mod model;
mod prices;
mod run;
mod tally;
#[cfg(test)]
mod tests;

pub use ai::{AiCost, Asked, ModelNames, UnknownModel};
pub use error::CostError;
pub use item::{Item, Usage};
pub use model::{Bill, Counted, Line, Sums};
pub use prices::{PriceError, Prices};
pub use run::{Run, Seen, run};
