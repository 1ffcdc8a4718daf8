use super::{
    Output, ServeArgs, analyze::warn_of_simulation, error::CliError, say, stack, stop_requested,
};

pub(super) async fn run(args: &ServeArgs, output: &mut Output<'_>) -> Result<(), CliError> {
    let stack = stack::start(args.port, stack::Show::All, &args.faults).await?;
    warn_of_simulation(&stack);
    let (http, websocket) = (&stack.endpoint, &stack.websocket);
    let told = output.print(&format!(
        "HTTP API       {http}\nWebSocket API  {websocket}"
    ));
    say("Ctrl-C stops it.");
    let stopped = match told {
        Ok(()) => stop_requested().await,
        error => error,
    };
    stack.shutdown().await;
    Ok(stopped?)
}
