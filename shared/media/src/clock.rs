//! The clock of what is presented: from tables that may lie to times that a player could show.
//!
//! A clock that jumps by hours, or a last picture that lasts for days, is a fault of the recorder. Such gaps are closed:
//! then the film is as long as what is in it. A long still of a screen recording is no fault: its sound goes on meanwhile,
//! and bears witness.

use std::time::Duration;

/// Longest that one picture or packet lasts without a witness, unless that is usual in its track.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// How much longer than usual a picture lasts for a fault to be seen in it.
const FAR: u64 = 20;
/// How long a picture lasts where the tables say nothing that can be true.
const DEFAULT: Duration = Duration::from_millis(33);
/// How much earlier than the pictures the sound may end and still bear witness to them.
const TOLERANCE: Duration = Duration::from_secs(2);

/// A unit of time: so many seconds, divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// Numerator.
    pub(super) seconds: u32,
    /// Denominator.
    pub(super) parts: u32,
}

impl Default for Unit {
    fn default() -> Self {
        Self::per_second(1)
    }
}

impl Unit {
    /// The unit of a clock that ticks `rate` times a second.
    pub(super) const fn per_second(rate: u32) -> Self {
        Self {
            seconds: 1,
            parts: rate,
        }
    }

    /// As time.
    pub(super) fn duration(self, ticks: u64) -> Duration {
        let (scaled, parts) = (
            u128::from(ticks) * u128::from(self.seconds),
            u128::from(self.parts.max(1)),
        );
        let nanos = u32::try_from(scaled % parts * 1_000_000_000 / parts).unwrap_or(0);
        Duration::new(u64::try_from(scaled / parts).unwrap_or(u64::MAX), nanos)
    }

    /// As ticks, rounded down.
    pub(super) fn ticks(self, time: Duration) -> u64 {
        let ticks = time.as_nanos() * u128::from(self.parts)
            / (u128::from(self.seconds.max(1)) * 1_000_000_000);
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// As seconds.
    pub(super) fn seconds(self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.seconds) / f64::from(self.parts.max(1))
    }
}

/// When something is presented and how long, in some unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// From the start.
    pub(super) at: u64,
    /// How long.
    pub(super) length: u64,
}

/// Makes the clock of pictures, which are in order of time, true: each lasts until the next; gaps that no film has are
/// closed, unless the sound, which plays for `witness`, goes on meanwhile. Gives when the last picture ends.
pub(super) fn close(moments: &mut [Moment], unit: Unit, witness: Option<Duration>) -> u64 {
    let Some(last) = moments.len().checked_sub(1) else {
        return 0;
    };
    let witness = unit.ticks(witness.unwrap_or_default());
    let starts: Vec<_> = moments.iter().map(|moment| moment.at).collect();
    for (moment, next) in moments.iter_mut().zip(starts.iter().skip(1)) {
        moment.length = next.saturating_sub(moment.at);
    }
    let longest = unit.ticks(LONGEST).max(1);
    let usual = if last == 0 { 0 } else { usual(moments) };
    let silent = moments.iter().all(|moment| moment.length == 0);
    if last > 0 && (usual > longest || silent) {
        return even(moments, unit, witness);
    }
    let limit = longest.max(usual.saturating_mul(FAR));
    let short = if last == 0 { longest } else { usual };
    let heard = witness.saturating_add(unit.ticks(TOLERANCE));
    let mut now = starts.first().copied().unwrap_or(0);
    if now > limit && now > heard {
        now = 0;
    }
    for (i, moment) in moments.iter_mut().enumerate() {
        moment.at = now;
        if i == last && moment.length == 0 {
            moment.length = usual;
        }
        let end = now.saturating_add(moment.length);
        if moment.length > limit && end > heard {
            moment.length = if i == last {
                witness.saturating_sub(now).max(short)
            } else {
                short
            };
        }
        now = now.saturating_add(moment.length);
    }
    now
}

/// Spreads pictures without a clock evenly over the time of the sound.
fn even(moments: &mut [Moment], unit: Unit, witness: u64) -> u64 {
    let each = match witness / moments.len().max(1) as u64 {
        0 => unit.ticks(DEFAULT).max(1),
        each => each,
    };
    let mut now = 0_u64;
    for moment in moments {
        (moment.at, moment.length) = (now, each);
        now = now.saturating_add(each);
    }
    now
}

/// The median length, of an even number the lower.
fn usual(moments: &[Moment]) -> u64 {
    let mut lengths: Vec<_> = moments.iter().map(|moment| moment.length).collect();
    let middle = lengths.len().saturating_sub(1) / 2;
    *lengths.select_nth_unstable(middle).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Unit = Unit::per_second(1000);

    /// Closes pictures that last `lengths` milliseconds; gives when each is shown, and the end.
    fn closed(lengths: &[u64], witness: Option<u64>) -> (Vec<u64>, u64) {
        let mut at = 0;
        let mut moments: Vec<_> = lengths
            .iter()
            .map(|length| {
                at += length;
                Moment {
                    at: at - length,
                    length: *length,
                }
            })
            .collect();
        let end = close(&mut moments, MS, witness.map(Duration::from_millis));
        (moments.iter().map(|moment| moment.at).collect(), end)
    }

    #[test]
    fn honest_clocks_stay() {
        for lengths in [
            &[33, 34, 33, 34][..],
            &[2000; 30],              // a slideshow
            &[33, 33, 30_000, 33, 8], // a still of half a minute, nothing heard
            &[90_000, 90_000, 10], // as slow as that all the way would be no clock, but see below
        ] {
            let usual_is_slow = lengths[0] == 90_000;
            let end = lengths.iter().sum::<u64>();
            let (_, closed_end) = closed(lengths, None);
            assert_eq!(closed_end == end, !usual_is_slow, "{lengths:?}");
        }
    }

    #[test]
    fn a_jump_by_hours_is_closed_wherever_it_is() {
        let hours = 139_829_000;
        assert_eq!(closed(&[40, 40, hours], None), (vec![0, 40, 80], 120));
        assert_eq!(closed(&[40, hours, 40], None), (vec![0, 40, 80], 120));
        assert_eq!(closed(&[40, hours, 40], Some(110)), (vec![0, 40, 80], 120));
        // The last picture stays until the sound ends.
        assert_eq!(
            closed(&[40, 40, hours], Some(5000)),
            (vec![0, 40, 80], 5000)
        );
        assert_eq!(
            closed(&[40, 40, 0], None).1,
            120,
            "WebM does not say how long the last one lasts"
        );
        assert_eq!(closed(&[hours], None), (vec![0], 60_000));
        assert_eq!(closed(&[hours], Some(9000)), (vec![0], 60_000));
    }

    #[test]
    fn a_long_still_during_which_sound_goes_on_is_honest() {
        let still = [40, 40, 300_000, 40];
        assert_eq!(closed(&still, Some(299_000)).1, 300_120);
        assert_eq!(closed(&still, Some(200_000)).1, 160);
        assert_eq!(closed(&[40, 40, 300_000], Some(300_000)).1, 300_080);
    }

    #[test]
    fn pictures_without_a_clock_are_spread_evenly() {
        assert_eq!(
            closed(&[0, 0, 0, 0], Some(8000)),
            (vec![0, 2000, 4000, 6000], 8000)
        );
        assert_eq!(closed(&[0, 0], None), (vec![0, 33], 66));
        assert_eq!(closed(&[u64::MAX / 8; 4], Some(4000)).1, 4000);
        assert_eq!(closed(&[], None).1, 0);
    }

    #[test]
    fn a_beginning_that_is_hours_off_is_the_beginning() {
        let mut moments = [7_200_000, 7_200_040].map(|at| Moment { at, length: 40 });
        assert_eq!(close(&mut moments, MS, None), 80);
        let mut moments = [500, 540].map(|at| Moment { at, length: 40 });
        assert_eq!(close(&mut moments, MS, None), 580);
        assert_eq!(moments[0].at, 500);
    }

    #[test]
    fn ticks_become_time() {
        assert_eq!(
            Unit::per_second(90_000).duration(90_001),
            Duration::new(1, 11_111)
        );
        assert_eq!(Unit::per_second(0).duration(1), Duration::from_secs(1));
        assert_eq!(MS.ticks(Duration::from_secs(2)), 2000);
        assert_eq!(
            Unit {
                seconds: 1001,
                parts: 30_000
            }
            .duration(30),
            Duration::from_millis(1001)
        );
    }
}
