//! Which pictures came. JPEGs come without names: if all do, their order tells; else a list of the same pictures is made
//! in one run more, however many are missing.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use dodolens_app::ports::MediaError;
use dodolens_domain::media::Secret;

/// Bytes of a list at most: a line has about 70.
pub(super) const MAX_LIST: usize = 256 * 1024;

/// Lists tell times in whole microseconds.
const ROUNDING: f64 = 1e-6;

/// The pictures shown at `times`, each give or take `slack`, in seconds: `jpegs` are those that came. If they can't be
/// others than those that were asked for, they are `certain`, and no list is needed of all of them in order of time.
/// `list` makes a list of them.
pub(super) async fn named(
    jpegs: Vec<Secret>,
    times: &[f64],
    slack: f64,
    certain: bool,
    list: impl Future<Output = Result<Zeroizing<Vec<u8>>, MediaError>>,
) -> Result<Vec<Option<Secret>>, MediaError> {
    let mut order: Vec<_> = times.iter().copied().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let mut named = vec![None; times.len()];
    let came = if jpegs.is_empty() {
        Vec::new()
    } else if certain && jpegs.len() == times.len() {
        order
            .into_iter()
            .map(|(place, _)| place)
            .zip(jpegs)
            .collect()
    } else {
        let list = list.await?;
        let list = str::from_utf8(&list).map_err(|_| MediaError::Unreadable)?;
        matched(list, jpegs, &order, slack.max(ROUNDING))
    };
    for (place, jpeg) in came {
        if let Some(name) = named.get_mut(place) {
            *name = Some(jpeg);
        }
    }
    Ok(named)
}

/// The pictures of `list`, each with the place in `order`, which is by time, of the time that it is shown at. What is not
/// in the list is left out.
fn matched(
    list: &str,
    jpegs: Vec<Secret>,
    order: &[(usize, f64)],
    slack: f64,
) -> Vec<(usize, Secret)> {
    let mut jpegs = VecDeque::from(jpegs);
    let mut matched = Vec::new();
    for (seconds, size) in list.lines().filter_map(entry) {
        let Some(jpeg) = jpegs.pop_front_if(|jpeg| jpeg.len() == size) else {
            continue;
        };
        let after = order.partition_point(|(_, time)| *time < seconds - slack);
        if let Some((place, _)) = order
            .get(after)
            .filter(|(_, time)| *time <= seconds + slack)
        {
            matched.push((*place, jpeg));
        }
    }
    matched
}

/// The time, in seconds, and the size of a picture in a line of a list: stream, decoding time, time in microseconds,
/// duration, size, checksum.
fn entry(line: &str) -> Option<(f64, usize)> {
    let mut fields = line.split(',').map(str::trim).skip(2);
    let micros: i64 = fields.next()?.parse().ok()?;
    let size = fields.nth(1)?.parse().ok()?;
    Some((micros as f64 / 1e6, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures of these lengths.
    fn pictures(lengths: &[usize]) -> Vec<Secret> {
        lengths.iter().map(|len| vec![0; *len].into()).collect()
    }

    fn lengths(named: &[Option<Secret>]) -> Vec<usize> {
        named
            .iter()
            .map(|jpeg| jpeg.as_ref().map_or(0, Secret::len))
            .collect()
    }

    /// The lengths of what is named of those in `came`, with this list.
    async fn name(came: &[usize], times: &[f64], list: &str) -> Result<Vec<usize>, MediaError> {
        let list = async { Ok(Zeroizing::new(list.as_bytes().to_vec())) };
        let named = named(pictures(came), times, 0.001, true, list).await;
        named.map(|named| lengths(&named))
    }

    #[tokio::test]
    async fn all_or_none_need_no_list() {
        let never = std::future::pending();
        let all = named(pictures(&[5, 6, 7]), &[0.0, 2.0, 1.0], 0.1, true, never)
            .await
            .unwrap();
        assert_eq!(lengths(&all), [5, 7, 6]);
        let never = std::future::pending();
        let none = named(Vec::new(), &[0.0, 1.0], 0.1, true, never)
            .await
            .unwrap();
        assert_eq!(lengths(&none), [0, 0]);
    }

    #[tokio::test]
    async fn a_list_tells_which_came() {
        let list = "#tb 0: 1/1000000\n#media_type 0: video\n0, 1000000, 1000000, 40000, 6, 0xa73a1a88, S=1, 8\n\
            0, 2999900, 2999900, 40000, 7, 0x95331a7f\n";
        let times = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(name(&[6, 7], &times, list).await, Ok(vec![0, 6, 0, 7]));
        assert_eq!(
            name(&[6, 7], &[3.0, 0.0, 1.0], list).await,
            Ok(vec![7, 0, 6])
        );
    }

    #[tokio::test]
    async fn a_picture_at_another_time_or_of_another_size_is_none_of_them() {
        let list = "0, 0, 0, 1, 5, 0x0\n0, 1500000, 1500000, 1, 6, 0x0\n0, 2000000, 2000000, 1, 7, 0x0\nnoise\n0, x\n";
        let times = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(name(&[5, 6, 7], &times, list).await, Ok(vec![5, 0, 7, 0]));
        assert_eq!(name(&[6, 8], &times, list).await, Ok(vec![0; 4]));
        assert_eq!(name(&[6], &times, "").await, Ok(vec![0; 4]));
    }

    #[tokio::test]
    async fn without_a_list_it_is_an_error() {
        let list = async { Err(MediaError::TooSlow) };
        let named = named(pictures(&[5]), &[0.0, 1.0], 0.1, true, list).await;
        assert_eq!(named.err(), Some(MediaError::TooSlow));
    }
}
