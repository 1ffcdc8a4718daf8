//! Wiring of the process function.

use dodolens::process::{WipingAllocator, start, wiping_allocator};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use process::{Deps, handle};

#[global_allocator]
static ALLOCATOR: WipingAllocator = wiping_allocator();

#[tokio::main]
async fn main() -> Result<(), Error> {
    start(env!("CARGO_CRATE_NAME"));
    let deps = &Deps::from_environment().await?;
    run(service_fn(|event: LambdaEvent<_>| async move {
        Box::pin(handle(event, deps)).await
    }))
    .await
}
