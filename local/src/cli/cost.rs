//! The bill as a table, AWS and the models apart.

use clap::{Args, ValueEnum, value_parser};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

use super::{Output, error::CliError, say};
use crate::cost::{self, Bill, CostError, Line, Prices, Run};

/// What is asked for, euros: docs/COST.md.
const TARGET_SESSION: f64 = 0.15;
const TARGET_MONTH: f64 = 150.0;

#[derive(Debug, Args)]
pub(super) struct CostArgs {
    /// Sessions in a month, each of a user of its own
    #[arg(long, value_name = "N", default_value_t = 1000)]
    sessions: u32,
    /// Size of each video, MB of 1024 × 1024 bytes
    #[arg(long, value_name = "M", default_value_t = 80, value_parser = value_parser!(u32).range(1..=1000))]
    video_mb: u32,
    /// Length of each video
    #[arg(long, value_name = "S", default_value_t = 180, value_parser = value_parser!(u32).range(1..=900))]
    video_seconds: u32,
    /// Region whose prices are taken
    #[arg(long, value_name = "R", default_value = "eu-west-3")]
    region: String,
    /// What becomes of the parts: the parameter DeleteParts
    #[arg(long, value_enum, default_value_t = Delete::Explicit)]
    delete: Delete,
    /// As JSON, with the source of each price
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Delete {
    Explicit,
    Shred,
}

pub(super) async fn run(args: &CostArgs, output: &mut Output<'_>) -> Result<(), CliError> {
    let prices = Prices::load().map_err(CostError::from)?;
    // A region without prices is refused before anything runs.
    prices.region(&args.region).map_err(CostError::from)?;
    say("One session is run and counted; this takes about half a minute.");
    let seen = cost::run(&Run {
        video_bytes: u64::from(args.video_mb) << 20,
        video_seconds: args.video_seconds.into(),
        shred: args.delete == Delete::Shred,
    })
    .await?;
    let sessions = args.sessions.into();
    let bill = seen.counted.bill(&prices, &args.region, sessions, seen.ai);
    let bill = bill.map_err(CostError::from)?;
    if args.json {
        let text = serde_json::to_string_pretty(&bill).map_err(std::io::Error::other)?;
        return Ok(output.print(&text)?);
    }
    Ok(output.print(&render(&bill, output.is_terminal))?)
}

fn render(bill: &Bill, for_terminal: bool) -> String {
    let sums = &bill.sums;
    let head = format!(
        "{} sessions a month with videos of {:.1} MB, {}, DeleteParts {}; US dollars by prices of {}",
        bill.sessions,
        bill.video_bytes / f64::from(1 << 20),
        bill.region,
        bill.delete_parts,
        bill.prices_of,
    );
    let mut table = new_table(for_terminal);
    table.set_header([
        "AWS",
        "",
        "a session",
        "USD",
        "fixed a month",
        "the month",
        "USD",
    ]);
    for line in &bill.aws {
        table.add_row(row(line));
    }
    let usd = |value: f64| format!("{value:.2}");
    table.add_row([
        "all".to_owned(),
        String::new(),
        String::new(),
        small(sums.session_aws_usd),
        format!("{} USD", usd(sums.fixed_usd)),
        String::new(),
        usd(sums.month_aws_usd),
    ]);
    align(&mut table, 2..7);

    let mut models = new_table(for_terminal);
    models.set_header(["models", "", "a session, USD", "the month, USD"]);
    let tasks = [
        format!("{} pictures, {} requests", bill.ai.pictures, bill.ai.looks),
        format!("{:.0} s of sound", bill.ai.sound_seconds),
        "the transcript".to_owned(),
    ];
    for (what, (model, price)) in tasks.into_iter().zip(&bill.ai.tasks) {
        models.add_row([
            model.clone(),
            what,
            small(*price),
            usd(price * bill.sessions),
        ]);
    }
    let month_ai = usd(sums.month_ai_usd);
    models.add_row([
        "all".into(),
        String::new(),
        small(sums.session_ai_usd),
        month_ai,
    ]);
    align(&mut models, 2..4);

    let all = format!(
        "A session: {} USD = {:.3} € ({}, target {TARGET_SESSION} €). The month: {} USD = {:.2} € ({}, target {TARGET_MONTH} €). \
         1 € = {} USD.",
        small(sums.session_aws_usd + sums.session_ai_usd),
        sums.session_eur,
        verdict(sums.session_eur, TARGET_SESSION),
        usd(sums.month_aws_usd + sums.month_ai_usd),
        sums.month_eur,
        verdict(sums.month_eur, TARGET_MONTH),
        sums.dollars_per_euro,
    );
    let notes = bill.assumptions.iter();
    let mut notes: Vec<_> = notes.map(|note| format!("  • {note}")).collect();
    if bill.aws.iter().any(|line| line.price_read.is_none()) {
        notes.push(
            "  • * the price is from memory, not looked up; --json names the source of each".into(),
        );
    }
    let notes = notes.join("\n");
    format!(
        "{head}\n{}\n{}\n{all}\nAssumed:\n{notes}",
        table.trim_fmt(),
        models.trim_fmt()
    )
}

fn verdict(value: f64, target: f64) -> &'static str {
    if value < target { "met" } else { "missed" }
}

fn row(line: &Line) -> [String; 7] {
    let (service, what) = line.item.labels();
    let mark = if line.price_read.is_none() { " *" } else { "" };
    [
        service.to_owned(),
        format!("{what}{mark}"),
        amount(line.session_amount),
        small(line.session_usd),
        amount(line.fixed_amount),
        amount(line.month_amount),
        format!("{:.2}", line.month_usd),
    ]
}

/// A price of a session: small, so with more digits.
fn small(usd: f64) -> String {
    if usd == 0.0 {
        return String::new();
    }
    format!("{usd:.5}")
}

/// Whole numbers where they are large, some digits where they are small.
fn amount(value: f64) -> String {
    match value {
        0.0 => String::new(),
        large if large >= 100.0 => format!("{large:.0}"),
        middle if middle >= 0.1 => format!("{middle:.1}"),
        little => format!("{little:.6}"),
    }
}

fn new_table(for_terminal: bool) -> Table {
    let mut table = Table::new();
    if !for_terminal {
        table.force_no_tty();
    }
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}

fn align(table: &mut Table, columns: std::ops::Range<usize>) {
    let columns = table
        .column_iter_mut()
        .skip(columns.start)
        .take(columns.len());
    columns.for_each(|column| column.set_cell_alignment(CellAlignment::Right));
}

#[cfg(test)]
mod tests {
    use crate::cost::{AiCost, Asked, Counted, Item, ModelNames, Usage};

    use super::*;

    fn rendered(writes: f64, region: &str) -> String {
        let names = ModelNames {
            vision: "gpt-6-luna".into(),
            speech: "gpt-transcribe".into(),
            cues: "gpt-6-luna".into(),
        };
        let counted = Counted {
            session: Usage::default().with(Item::TableWrites, writes),
            video_bytes: f64::from(80 << 20),
            ..Counted::default()
        };
        let ai = AiCost::of(&names, &Asked::default()).unwrap();
        let prices = Prices::load().unwrap();
        render(&counted.bill(&prices, region, 1000.0, ai).unwrap(), false)
    }

    #[test]
    fn says_whether_the_targets_are_met() {
        let text = rendered(100_000.0, "us-east-1");
        assert!(text.contains("videos of 80.0 MB, us-east-1, DeleteParts explicit"));
        assert!(text.contains("(met, target 0.15 €)"), "{text}");
        let text = rendered(1_000_000.0, "us-east-1");
        assert!(text.contains("(missed, target 0.15 €)"), "{text}");
        assert!(text.contains("(missed, target 150 €)"), "{text}");
        assert!(text.contains("1000000 ┆ 0.62500"), "{text}");
    }

    #[test]
    fn marks_prices_that_nobody_looked_up() {
        for (region, mark) in [
            ("us-east-1", "connection minutes "),
            ("eu-west-3", "connection minutes *"),
        ] {
            let text = rendered(1.0, region);
            assert!(text.contains(mark), "{text}");
        }
        let looked_up = rendered(1.0, "us-east-1");
        assert!(!looked_up.contains("connection minutes *"), "{looked_up}");
    }
}
