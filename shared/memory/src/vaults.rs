//! Keys.

use dodolens_app::ports::{KeyVault, ReceiptVault, Unavailable};
use dodolens_crypto::{MasterKey, receipt::ReceiptKeys};

use crate::{Call, Memory};

/// The one version of the master key.
const VERSION: &str = "v1";

fn master() -> Result<MasterKey, Unavailable> {
    MasterKey::from_secret(VERSION.to_owned(), &[b'm'; 64]).map_err(|_| Unavailable("the key"))
}

impl KeyVault for Memory {
    async fn current(&self) -> Result<MasterKey, Unavailable> {
        self.call(Call("KeyVault::current"), |_| master()).await?
    }

    async fn version(&self, key_id: &str) -> Result<Option<MasterKey>, Unavailable> {
        let known = key_id == VERSION;
        let version = self.call(Call("KeyVault::version"), |_| {
            known.then(master).transpose()
        });
        version.await?
    }
}

impl ReceiptVault for Memory {
    async fn keys(&self) -> Result<ReceiptKeys, Unavailable> {
        let keys = self.call(Call("ReceiptVault::keys"), |_| {
            ReceiptKeys::new(&[b'r'; 64], &[])
        });
        keys.await?.map_err(|_| Unavailable("the key of receipts"))
    }
}
