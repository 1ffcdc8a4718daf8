use super::{error::CliError, say};
use dodolens_video::{MakeVideoArgs, make, toolchain};

pub(super) async fn run(args: &MakeVideoArgs) -> Result<(), CliError> {
    let spec = args.spec()?;
    let ffmpeg = toolchain::encoder().await?;
    make(&spec, &ffmpeg, &args.out).await?;
    if let Some((file, truth)) = args.truth()? {
        truth.write(file)?;
    }
    say(&format!("{} is made.", args.out.display()));
    Ok(())
}
