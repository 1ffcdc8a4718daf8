//! `evaluate`: how right models are, side by side.

use std::path::PathBuf;

use clap::{Args, value_parser};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

use super::{Output, error::CliError, faults::FaultArgs, say, stack};
use crate::evaluate::{self, Films, Report, Row};

#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    /// Folder of films, each with its truth beside it: walk.mp4 and walk.json, as `make-video --walk … --truth` writes them
    dir: PathBuf,
    /// Who looks at the pictures, as PROVIDER:MODEL with fallbacks by commas; again for each to compare [default: as
    /// configured]
    #[arg(long = "vision", value_name = "P:M,…")]
    vision: Vec<String>,
    /// How often each film is sent
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=100))]
    repeat: u32,
    /// Folder for evaluation.json, .csv and .svg
    #[arg(long, value_name = "DIR", default_value = "evaluation")]
    out: PathBuf,
    #[command(flatten)]
    faults: FaultArgs,
}

pub(super) async fn run(args: &EvaluateArgs, output: &mut Output<'_>) -> Result<(), CliError> {
    let films = Films::in_folder(&args.dir)?;
    let mut launches = Vec::new();
    let launch = || stack::launch(stack::Show::Problems, &args.faults);
    for chain in &args.vision {
        launches.push((chain.clone(), launch()?.with("AiVision", chain)));
    }
    if launches.is_empty() {
        launches.push(("as configured".to_owned(), launch()?));
    }
    let told = |row: &Row| {
        let problem = row.problem.as_deref().unwrap_or("");
        let (recall, precision) = (row.score.recall(), row.score.precision());
        say(&format!(
            "{} by {}: recall {recall:.3}, precision {precision:.3} {problem}",
            row.film, row.models
        ));
    };
    let report = Box::pin(evaluate::run(&films, launches, args.repeat, told)).await?;
    report.write(&args.out)?;
    Ok(output.print(&table(&report, output.is_terminal))?)
}

fn table(report: &Report, for_terminal: bool) -> String {
    let mut table = Table::new();
    if !for_terminal {
        table.force_no_tty();
    }
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "Models",
            "Films",
            "Precision",
            "Recall",
            "Count error",
            "Volume error",
            "In range",
            "s",
            "Tokens",
            "USD",
        ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (models, score) in report.by_models() {
        let films = f64::from(score.films.max(1));
        table.add_row([
            models.to_owned(),
            score.films.to_string(),
            format!("{:.3}", score.precision()),
            format!("{:.3}", score.recall()),
            format!("{:.3}", score.count_error()),
            format!("{:.3}", score.volume_error()),
            format!("{:.2}", score.calibration()),
            format!("{:.1}", score.seconds / films),
            format!("{:.0}", score.tokens as f64 / films),
            format!("{:.4}", score.usd / films),
        ]);
    }
    format!(
        "{}\ns, tokens and USD are of one film on average.",
        table.trim_fmt()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::Score;

    #[test]
    fn models_stand_side_by_side() {
        let row = |models: &str, right| Row {
            models: models.to_owned(),
            film: "walk.mp4".to_owned(),
            score: Score {
                films: 1,
                there: 10,
                found: 10,
                right,
                seconds: 4.0,
                ..Score::default()
            },
            problem: None,
        };
        let rows = vec![row("openai:a", 9), row("openai:b", 10), row("openai:a", 7)];
        let text = table(&Report { rows }, false);
        let line = |name: &str| {
            text.lines()
                .find(|line| line.contains(name))
                .unwrap()
                .to_owned()
        };
        assert!(
            line("openai:a").contains("2 ┆     0.800 ┆  0.800"),
            "{text}"
        );
        assert!(
            line("openai:b").contains("1 ┆     1.000 ┆  1.000"),
            "{text}"
        );
    }
}
