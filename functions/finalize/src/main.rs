//! Wiring of the finalize function.

use dodolens::{
    app::metrics,
    aws::SystemClock,
    edge::request::span,
    runtime::{self, WipingAllocator, wiping_allocator},
};
use finalize::{Deps, handle};
use lambda_http::{Error, Request, RequestExt as _, run, service_fn};
use tracing::Instrument as _;

#[global_allocator]
static ALLOCATOR: WipingAllocator = wiping_allocator();

fn main() -> Result<(), Error> {
    runtime::run(module_path!(), async {
        let deps = &Deps::from_environment().await?;
        run(service_fn(|request: Request| async move {
            let span = span(request.path_parameters().first("id"));
            let handling = Box::pin(handle(request, deps).instrument(span));
            Ok::<_, Error>(metrics::invocation(&SystemClock, handling).await)
        }))
        .await
    })
}
