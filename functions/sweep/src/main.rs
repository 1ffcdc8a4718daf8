//! Wiring of the sweep function.

use dodolens::{
    app::metrics,
    aws::SystemClock,
    runtime::{self, WipingAllocator, wiping_allocator},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use sweep::{Deps, handle};

#[global_allocator]
static ALLOCATOR: WipingAllocator = wiping_allocator();

fn main() -> Result<(), Error> {
    runtime::run(module_path!(), async {
        let deps = &Deps::from_environment().await?;
        run(service_fn(|event: LambdaEvent<_>| async move {
            metrics::invocation(&SystemClock, Box::pin(handle(event, deps))).await
        }))
        .await
    })
}
