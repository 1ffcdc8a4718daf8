//! Wiring of the finalize function.

use dodolens::process::{WipingAllocator, start, wiping_allocator};
use finalize::{Deps, handle};
use lambda_http::{Error, Request, run, service_fn};

#[global_allocator]
static ALLOCATOR: WipingAllocator = wiping_allocator();

#[tokio::main]
async fn main() -> Result<(), Error> {
    start(env!("CARGO_CRATE_NAME"));
    let deps = &Deps::from_environment().await?;
    run(service_fn(|request: Request| async move {
        Ok::<_, Error>(handle(request, deps).await)
    }))
    .await
}
