//! How often the simulated AI is to err.

use std::str::FromStr;

use clap::Args;

use dodolens_peer::{PeerOptions, Rates};

/// How the simulated AI errs; it does not unless it is told to.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct MistakeArgs {
    /// Share of things, 0 to 1, that MODEL, or every model, takes for another kind
    #[arg(long, value_name = "[MODEL=]SHARE")]
    confuse: Vec<Share>,
    /// Share of things, 0 to 1, that MODEL, or every model, does not see
    #[arg(long, value_name = "[MODEL=]SHARE")]
    miss: Vec<Share>,
    /// Which things those are: the same for the same number
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

/// Of one model or of all.
#[derive(Debug, Clone, PartialEq)]
struct Share {
    model: Option<String>,
    share: f64,
}

/// Not in the form that the help shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a share is a number from 0 to 1, like `0.05` or `gpt-6-luna=0.05`")]
struct NotAShare;

impl MistakeArgs {
    /// Puts the shares into the simulated AI's options.
    pub(super) fn apply(&self, peer: &mut PeerOptions) {
        set(&self.confuse, &mut peer.confuse);
        set(&self.miss, &mut peer.miss);
        peer.seed = self.seed;
    }
}

fn set(shares: &[Share], rates: &mut Rates) {
    for Share { model, share } in shares {
        match model {
            Some(model) => {
                rates.models.insert(model.clone(), *share);
            }
            None => rates.usual = *share,
        }
    }
}

impl FromStr for Share {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        let (model, share) = match text.rsplit_once('=') {
            Some((model, share)) => (Some(model.to_owned()), share),
            None => (None, text),
        };
        let share = share.parse().map_err(|_| NotAShare)?;
        let named = model.as_deref() != Some("");
        if named && (0.0..=1.0).contains(&share) {
            Ok(Self { model, share })
        } else {
            Err(NotAShare)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        mistakes: MistakeArgs,
    }

    #[test]
    fn shares_reach_the_models_that_they_name() {
        let line = "x --confuse 0.05 --miss 0.1 --miss gpt-6-luna=0.2 --miss a=1 --seed 7";
        let mut peer = PeerOptions::new("k");
        let line = Line::try_parse_from(line.split(' ')).unwrap();
        line.mistakes.apply(&mut peer);
        assert_eq!((peer.confuse.usual, peer.seed), (0.05, 7));
        let models = [("a".to_owned(), 1.0), ("gpt-6-luna".to_owned(), 0.2)];
        let miss = Rates {
            usual: 0.1,
            models: models.into(),
        };
        assert_eq!(peer.miss, miss);
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for bad in ["5%", "1.1", "-0.1", "NaN", "=0.1", "m=", "m=2", ""] {
            assert_eq!(bad.parse::<Share>(), Err(NotAShare), "{bad}");
        }
    }
}
