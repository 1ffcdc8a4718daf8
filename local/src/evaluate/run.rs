//! Every film by every model.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use dodolens::domain::session::SessionState;

use super::{EvaluateError, Report, Row, Score, Truth};
use crate::{
    client::{Client, Options, Report as Told, VideoFile},
    launch::Launch,
};

/// Endings of films.
const FILMS: [&str; 5] = ["mp4", "mov", "webm", "mkv", "3gp"];

/// Films with their truths.
#[derive(Debug)]
pub struct Films(Vec<(PathBuf, Truth)>);

impl Films {
    /// All of a folder that have a truth beside them: the same name with the ending `json`. In the order of their names.
    ///
    /// # Errors
    /// See [`EvaluateError`].
    pub fn in_folder(folder: &Path) -> Result<Self, EvaluateError> {
        let unreadable = |source| EvaluateError::Folder {
            path: folder.to_owned(),
            source,
        };
        let mut films = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            let truth = path.with_extension("json");
            if ending.is_some_and(|ending| FILMS.contains(&ending)) && truth.exists() {
                films.push((path, Truth::read(&truth)?));
            }
        }
        films.sort_by(|(one, _), (other, _)| one.cmp(other));
        match films.is_empty() {
            true => Err(EvaluateError::NoFilms(folder.to_owned())),
            false => Ok(Self(films)),
        }
    }
}

/// Sends each film `repeat` times through a stack for each of `launches`, which have the name of what they try. `told`
/// hears of each row as it comes.
///
/// # Errors
/// See [`EvaluateError`]. A session that ends without an inventory is none: its row has found nothing.
pub async fn run(
    films: &Films,
    launches: Vec<(String, Launch)>,
    repeat: u32,
    mut told: impl FnMut(&Row),
) -> Result<Report, EvaluateError> {
    let mut rows = Vec::new();
    for (models, launch) in launches {
        let stack = launch.start().await?;
        let client = Client::new(stack.endpoint.clone())?;
        for (film, truth) in &films.0 {
            for _ in 0..repeat {
                let (score, problem) = one(&client, film, truth).await?;
                let name = film.file_name().unwrap_or_default().to_string_lossy();
                let row = Row {
                    models: models.clone(),
                    film: name.into_owned(),
                    score,
                    problem,
                };
                told(&row);
                rows.push(row);
            }
        }
        stack.shutdown().await;
    }
    Ok(Report { rows })
}

/// One film: its score, and the problem that it ended with, if it did.
async fn one(
    client: &Client,
    film: &Path,
    truth: &Truth,
) -> Result<(Score, Option<String>), EvaluateError> {
    let video = VideoFile::open(film)?;
    let mut sent = Instant::now();
    let mut observer = |report: Told| {
        if matches!(report, Told::Finalized) {
            sent = Instant::now();
        }
    };
    let outcome = client
        .analyze(&video, &Options::default(), &mut observer)
        .await?;
    let seconds = sent.elapsed().as_secs_f64();
    let snapshot = outcome.last.snapshot;
    match (snapshot.state, outcome.inventory) {
        (SessionState::Complete, Some(inventory)) => {
            Ok((Score::of(truth, &inventory, seconds), None))
        }
        (state, _) => {
            let nothing = Score {
                films: 1,
                there: truth.counts.values().sum(),
                off: truth.counts.values().sum(),
                true_volume: truth.volume,
                volume_off: truth.volume,
                seconds,
                ..Score::default()
            };
            let problem = snapshot
                .problem
                .map(|problem| problem.code.as_str().to_owned());
            Ok((
                nothing,
                Some(problem.unwrap_or_else(|| state.as_str().to_owned())),
            ))
        }
    }
}
