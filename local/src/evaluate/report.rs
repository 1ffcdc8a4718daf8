//! What came of it: by model side by side, and film by film.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::{EvaluateError, Score, plot};

/// One film by one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Who looked, as in `AiVision`.
    pub models: String,
    /// The film's file name.
    pub film: String,
    /// How right it was.
    pub score: Score,
    /// The code of the problem with which it ended, if it gave no inventory.
    pub problem: Option<String>,
}

/// All rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// In the order in which they came.
    pub rows: Vec<Row>,
}

/// A line of the CSV file.
#[derive(Serialize)]
struct Line<'a> {
    models: &'a str,
    film: &'a str,
    problem: &'a str,
    there: u32,
    found: u32,
    right: u32,
    precision: f64,
    recall: f64,
    count_error: f64,
    volume_error: f64,
    in_range: u32,
    seconds: f64,
    tokens: u64,
    usd: f64,
}

impl Report {
    /// The score of each model over all films, in the order of their names.
    #[must_use]
    pub fn by_models(&self) -> BTreeMap<&str, Score> {
        let mut sums = BTreeMap::<&str, Score>::new();
        for row in &self.rows {
            *sums.entry(&row.models).or_default() += row.score;
        }
        sums
    }

    /// Writes `evaluation.json`, `evaluation.csv` and `evaluation.svg` into a folder.
    ///
    /// # Errors
    /// [`EvaluateError::Io`] and [`EvaluateError::Plot`].
    pub fn write(&self, folder: &Path) -> Result<(), EvaluateError> {
        std::fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(self).map_err(std::io::Error::from)?;
        std::fs::write(folder.join("evaluation.json"), json + "\n")?;
        let mut csv =
            csv::Writer::from_path(folder.join("evaluation.csv")).map_err(std::io::Error::other)?;
        for row in &self.rows {
            let score = &row.score;
            let line = Line {
                models: &row.models,
                film: &row.film,
                problem: row.problem.as_deref().unwrap_or_default(),
                there: score.there,
                found: score.found,
                right: score.right,
                precision: score.precision(),
                recall: score.recall(),
                count_error: score.count_error(),
                volume_error: score.volume_error(),
                in_range: score.in_range,
                seconds: score.seconds,
                tokens: score.tokens,
                usd: score.usd,
            };
            csv.serialize(line).map_err(std::io::Error::other)?;
        }
        csv.flush()?;
        std::fs::write(folder.join("evaluation.svg"), plot::svg(&self.by_models())?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(models: &str, film: &str, right: u32) -> Row {
        Row {
            models: models.to_owned(),
            film: film.to_owned(),
            score: Score {
                films: 1,
                there: 10,
                found: 8,
                right,
                ..Score::default()
            },
            problem: (right == 0).then(|| "media_unreadable".to_owned()),
        }
    }

    #[test]
    fn models_stand_side_by_side_and_each_film_has_a_line() {
        let rows = vec![
            row("openai:b", "one.mp4", 8),
            row("openai:a", "one.mp4", 4),
            row("openai:a", "two, \"twice\".mp4", 0),
        ];
        let report = Report { rows };
        let models = report.by_models();
        assert_eq!(
            models.keys().copied().collect::<Vec<_>>(),
            ["openai:a", "openai:b"]
        );
        assert!((models["openai:a"].recall() - 0.2).abs() < 1e-9);
        let folder = tempfile::tempdir().unwrap();
        report.write(folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let csv = read("evaluation.csv");
        assert_eq!(csv.lines().count(), 4);
        assert!(
            csv.contains("\"two, \"\"twice\"\".mp4\",media_unreadable,10,8,0,"),
            "{csv}"
        );
        let json: serde_json::Value = serde_json::from_str(&read("evaluation.json")).unwrap();
        assert_eq!(json["rows"][1]["score"]["right"], 4);
        let svg = read("evaluation.svg");
        assert!(
            svg.starts_with("<svg") && svg.contains("openai:b") && svg.contains("recall"),
            "{svg}"
        );
    }
}
