//! Receipts in files: kept by `analyze --receipt`, checked offline by `verify-receipt`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use dodolens::{
    crypto::receipt::JwkSet,
    domain::receipt::{ErasureReceipt, ErasureStatement, PartsFate},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Output,
    error::{CliError, ReceiptError},
};

/// Name of the file of keys beside a receipt.
const KEYS: &str = "receipt-keys.json";

#[derive(Debug, Args)]
pub(super) struct VerifyReceiptArgs {
    /// The receipt, as JSON
    receipt: PathBuf,
    /// The keys that GET /v1/receipt-keys gave; receipt-keys.json beside the receipt when absent
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// Checks a receipt with the keys in a file, and says what it states.
pub(super) fn verify(args: &VerifyReceiptArgs, output: &mut Output<'_>) -> Result<(), CliError> {
    let keys = match &args.keys {
        Some(path) => path.clone(),
        None => beside(&args.receipt),
    };
    let keys: JwkSet = read(&keys)?;
    let statement = keys
        .verify(&read(&args.receipt)?)
        .map_err(ReceiptError::from)?;
    Ok(output.print(&told(&statement))?)
}

/// Writes the receipt to `path`, and the keys to check it with beside it.
pub(super) fn keep(path: &Path, receipt: &ErasureReceipt, keys: &JwkSet) -> Result<(), CliError> {
    write(path, receipt)?;
    write(&beside(path), keys)
}

fn beside(receipt: &Path) -> PathBuf {
    receipt.with_file_name(KEYS)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ReceiptError> {
    let (path, text) = (path.to_owned(), fs::read_to_string(path));
    match text {
        Ok(text) => {
            serde_json::from_str(&text).map_err(|source| ReceiptError::Form { path, source })
        }
        Err(source) => Err(ReceiptError::File { path, source }),
    }
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), CliError> {
    let file = |source| ReceiptError::File {
        path: path.to_owned(),
        source,
    };
    let text = serde_json::to_string_pretty(value).map_err(|error| file(error.into()))?;
    Ok(fs::write(path, text + "\n").map_err(file)?)
}

fn told(statement: &ErasureStatement) -> String {
    let reason = serde_json::to_value(statement.reason).unwrap_or_default();
    let (fate, at) = match statement.fate {
        PartsFate::Deleted {
            parts_verified_absent_at: at,
        } => ("verified absent ", at),
        PartsFate::LeftToExpire {
            parts_left_to_expire_at: at,
        } => ("left to expire  ", at),
    };
    format!(
        "The receipt is genuine.\n  \
         session          {}\n  \
         reason           {}\n  \
         key destroyed    {}\n  \
         {fate} {at} ({} parts, {} bytes)",
        statement.session_id,
        reason.as_str().unwrap_or_default(),
        statement.key_destroyed_at,
        statement.parts,
        statement.bytes,
    )
}

#[cfg(test)]
mod tests {
    use dodolens::crypto::receipt::NotVerified;

    use super::*;
    use crate::fixture;

    fn verified(receipt: PathBuf, keys: Option<PathBuf>) -> (Result<(), CliError>, String) {
        let mut printed = Vec::new();
        let mut output = Output {
            to: &mut printed,
            is_terminal: false,
        };
        let done = verify(&VerifyReceiptArgs { receipt, keys }, &mut output);
        (done, String::from_utf8(printed).unwrap())
    }

    #[test]
    fn a_kept_receipt_is_genuine_until_it_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt.json");
        let keys = fixture::receipt_keys().published();
        keep(&path, &fixture::receipt(), &keys).unwrap();
        let (done, printed) = verified(path.clone(), None);
        done.unwrap();
        assert!(
            printed.starts_with("The receipt is genuine.\n  session          0123456789abcdef")
        );
        assert!(printed.contains("(9 parts, 3000000 bytes)"), "{printed}");

        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("3000000", "3000001")).unwrap();
        let (done, printed) = verified(path, None);
        assert!(matches!(
            done,
            Err(CliError::Receipt(ReceiptError::NotVerified(
                NotVerified::Forged
            )))
        ));
        assert_eq!(printed, "");
    }

    #[test]
    fn a_receipt_of_shredding_does_not_claim_that_anything_was_deleted() {
        let mut statement = fixture::receipt().statement;
        statement.fate = PartsFate::LeftToExpire {
            parts_left_to_expire_at: fixture::NOW,
        };
        let text = told(&statement);
        assert!(
            text.contains("left to expire   2026-11-21T01:00:00.000Z"),
            "{text}"
        );
        assert!(!text.contains("absent"), "{text}");
    }

    #[test]
    fn what_is_no_receipt_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt.json");
        let (done, _) = verified(path.clone(), None);
        assert!(matches!(
            done,
            Err(CliError::Receipt(ReceiptError::File { .. }))
        ));
        fs::write(&path, "[]").unwrap();
        let (done, _) = verified(path.clone(), Some(path));
        assert!(matches!(
            done,
            Err(CliError::Receipt(ReceiptError::Form { .. }))
        ));
    }
}
