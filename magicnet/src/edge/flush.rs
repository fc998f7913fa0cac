//! When output is written: at once, when what was there has been read, or by a tick.
//!
//! Under a tick each connection has a phase, and the phases follow one another: a crowd is written to all through the
//! period and not in a burst at one edge of it. Phases begin at multiples of their length, so nothing drifts, and after
//! a pause each is due once.

use std::time::Duration;

use crate::line::{ConnectionId, Mark};
use crate::time::{Time, nanos};

/// When a node writes what it has to say; see [`NodeBuilder::flush`](crate::NodeBuilder::flush).
///
/// One write costs microseconds, what is in it next to nothing. So what is saved or spent is writes, and what is
/// bought with them is time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flush {
    /// After each piece of input: what one connection has said is answered before the next one is read. The shortest
    /// way for each message, and the most writes; for few connections, or many that have nothing to do with each
    /// other.
    AtOnce,
    /// After all input that is there: at once on a node that has nothing to do, several turns' output in one write on
    /// one that is busy. Right unless there is a reason.
    #[default]
    Natural,
    /// Each connection once in this time, from 1 ms to 10 s, at a moment of its own. For crowds that move all the
    /// time, such as the players of a game: what comes more often costs no more writes, and of several values of a
    /// property only the newest is sent. What is sent waits for up to that time, answers too.
    ///
    /// What is said of one object stays in order, and so are messages; a value of a property comes where its newest
    /// one was set. Properties that say `always` are sent each time. The handshake and the end of a connection do not
    /// wait.
    Every(Duration),
}

impl Flush {
    /// Each connection once in `period`, from 1 ms to 10 s: `.flush(Flush::every(Duration::from_millis(50)))`.
    pub const fn every(period: Duration) -> Self {
        Self::Every(period)
    }

    /// Whether the time is in its range.
    pub(crate) fn is_possible(self) -> bool {
        !matches!(self, Self::Every(period) if !(MIN_PERIOD..=MAX_PERIOD).contains(&period))
    }
}

/// Shorter than what a loop that sleeps keeps to.
const MIN_PERIOD: Duration = Duration::from_millis(1);

/// Longer is no rhythm any more, and what waits is kept in memory.
const MAX_PERIOD: Duration = Duration::from_secs(10);

/// How long a phase lasts, about: what a thousand writes take, and less than anybody notices.
const PHASE: Duration = Duration::from_micros(2_500);

/// How many phases a period has at most; those of a long one are longer.
const MAX_PHASES: u64 = 256;

/// From how many pieces of input in one phase on a node does not look at each as it comes: enough that what is saved,
/// a wake-up for each, is more than what the timer costs that ends the pause.
const MUCH_INPUT: u32 = 8;

/// The phases of a tick, and who waits for which.
#[derive(Debug)]
pub(super) struct Ticks {
    /// How long a phase lasts, in nanoseconds.
    length: u64,
    phases: Vec<Phase>,
    /// The phase that the next connection gets.
    dealt: usize,
    /// The last phase that has been, counted from the beginning of time.
    last: u64,
    /// Nobody waits for anything. What comes then waits for phases that begin behind it, however long ago the last was.
    is_resting: bool,
    /// A place in the log that all have gathered up to once each phase has been, and the phase when it was set.
    boundary: Option<(u64, Mark)>,
    /// How much input there was in this phase, and in the one before.
    heard: [u32; 2],
}

#[derive(Debug, Default)]
struct Phase {
    /// Connections that have something to gather, or had so the last time.
    line: Vec<ConnectionId>,
    /// They have gathered the segments before this one.
    gathered: u64,
}

impl Ticks {
    /// Those of a policy that has any.
    pub(super) fn new(flush: Flush) -> Option<Self> {
        let Flush::Every(period) = flush else {
            return None;
        };
        let (period, usual) = (nanos(period.max(MIN_PERIOD)), nanos(PHASE));
        let count = ((period + usual / 2) / usual).clamp(1, MAX_PHASES);
        let phases = (0..count).map(|_| Phase::default()).collect();
        Some(Self {
            length: period / count,
            phases,
            dealt: 0,
            last: 0,
            is_resting: true,
            boundary: None,
            heard: [0; 2],
        })
    }

    /// The phase of one more connection.
    pub(super) fn deal(&mut self) -> u16 {
        let phase = self.dealt;
        self.dealt = (phase + 1) % self.phases.len();
        u16::try_from(phase).expect("there are no more than MAX_PHASES")
    }

    /// Puts a connection in the line of its phase.
    pub(super) fn push(&mut self, phase: u16, connection: ConnectionId) {
        self.phases[usize::from(phase)].line.push(connection);
    }

    /// Lets those go whose phase has begun, or all of them, up to segment `applied`.
    pub(super) fn release(&mut self, now: Time, all: bool, applied: u64, mut go: impl FnMut(ConnectionId)) {
        let count = self.phases.len() as u64;
        let current = self.phase_at(now);
        let due = match () {
            () if all => count,
            () if self.is_resting => 0,
            () => current.saturating_sub(self.last).min(count),
        };
        for number in current + 1 + count - due..=current + count {
            let index = self.index(number);
            let phase = &mut self.phases[index];
            phase.gathered = applied;
            phase.line.drain(..).for_each(&mut go);
        }
        if current > self.last {
            self.heard = [0, self.heard[0]];
            self.last = current;
        }
    }

    /// One piece of input has come.
    pub(super) fn hear(&mut self) {
        self.heard[0] = self.heard[0].saturating_add(1);
    }

    /// Until when input is better left alone, so that more of it is handled at a time: if there is much.
    pub(super) fn poll_pause(&self) -> Option<Time> {
        (self.heard[1] >= MUCH_INPUT).then(|| self.begin_of(self.last + 1))
    }

    /// When the next phase begins in which somebody has something to gather, if the log goes up to `applied`.
    pub(super) fn poll_timeout(&self, applied: u64) -> Option<Time> {
        let following = self.last + 1..=self.last + self.phases.len() as u64;
        let next =
            following.into_iter().find(|number| self.phases[self.index(*number)].is_waiting(applied))?;
        Some(self.begin_of(next))
    }

    /// Whether all have gathered a log that goes up to `applied`.
    pub(super) fn are_done(&self, applied: u64) -> bool {
        !self.phases.iter().any(|phase| phase.is_waiting(applied))
    }

    /// All are done, and the log begins anew.
    pub(super) fn rest(&mut self) {
        self.boundary = None;
        self.is_resting = true;
    }

    /// Some are not done. Once in a period, what all have gathered may go: `forget` forgets what was emitted before a
    /// mark, if there is one, and says where the log ends then.
    pub(super) fn trim(&mut self, forget: impl FnOnce(Option<Mark>) -> Mark) {
        self.is_resting = false;
        let count = self.phases.len() as u64;
        if self.boundary.is_none_or(|(since, _)| self.last >= since + count) {
            let gathered = self.boundary.map(|(_, mark)| mark);
            self.boundary = Some((self.last, forget(gathered)));
        }
    }

    fn begin_of(&self, phase: u64) -> Time {
        Time::after_start(Duration::from_nanos(self.length.saturating_mul(phase)))
    }

    fn phase_at(&self, now: Time) -> u64 {
        now.nanos() / self.length
    }

    fn index(&self, number: u64) -> usize {
        usize::try_from(number % self.phases.len() as u64).expect("there are no more than MAX_PHASES")
    }
}

impl Phase {
    fn is_waiting(&self, applied: u64) -> bool {
        self.gathered < applied && !self.line.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Topic, Turn};

    fn ticks(millis: u64) -> Ticks {
        Ticks::new(Flush::every(Duration::from_millis(millis))).unwrap()
    }

    fn at(micros: u64) -> Time {
        Time::after_start(Duration::from_micros(micros))
    }

    fn connections(count: usize) -> Vec<ConnectionId> {
        let mut names = slotmap::SlotMap::with_key();
        (0..count).map(|_| names.insert(())).collect()
    }

    fn released(ticks: &mut Ticks, now: Time, all: bool, applied: u64) -> Vec<ConnectionId> {
        let mut gone = Vec::new();
        ticks.release(now, all, applied, |connection| gone.push(connection));
        gone
    }

    #[test]
    fn a_period_has_phases_of_a_few_milliseconds() {
        let phases = |millis| (ticks(millis).phases.len(), ticks(millis).length);
        assert_eq!(phases(50), (20, 2_500_000));
        assert_eq!(phases(1), (1, 1_000_000));
        assert_eq!(phases(4), (2, 2_000_000));
        assert_eq!(phases(10_000).0, 256);
    }

    #[test]
    fn each_phase_is_due_at_its_time_and_once_after_a_pause() {
        let mut ticks = ticks(10);
        let all = connections(4);
        let line = |ticks: &mut Ticks| {
            for connection in &all {
                let phase = ticks.deal();
                ticks.push(phase, *connection);
            }
        };
        line(&mut ticks);
        assert_eq!(released(&mut ticks, at(0), false, 1), []);
        ticks.trim(|_| Turn::default().mark());
        assert_eq!(ticks.poll_timeout(1), Some(at(2_500)), "time began with the first phase");
        assert_eq!(released(&mut ticks, at(2_499), false, 1), []);
        assert_eq!(released(&mut ticks, at(5_100), false, 1), all[1..3]);
        assert_eq!(ticks.poll_timeout(1), Some(at(7_500)));
        assert_eq!(released(&mut ticks, at(10_000), false, 1), [all[3], all[0]]);
        assert_eq!(ticks.poll_timeout(1), None);
        line(&mut ticks);
        assert!(ticks.are_done(1), "they have gathered that");
        assert!(!ticks.are_done(2));
        assert_eq!(released(&mut ticks, at(1_000_000), false, 2), [all[1], all[2], all[3], all[0]]);
        line(&mut ticks);
        assert_eq!(released(&mut ticks, at(1_000_000), false, 3), []);
        assert_eq!(released(&mut ticks, at(1_000_000), true, 3).len(), 4);
        ticks.rest();
        line(&mut ticks);
        assert_eq!(
            released(&mut ticks, at(2_000_000), false, 4),
            [],
            "what has just come waits for its phase"
        );
        ticks.trim(|_| Turn::default().mark());
        assert_eq!(released(&mut ticks, at(2_002_500), false, 4), [all[1]]);
    }

    #[test]
    fn much_input_is_left_alone_until_the_next_phase() {
        let mut ticks = ticks(10);
        let mut hear = |micros, count| {
            (0..count).for_each(|_| ticks.hear());
            released(&mut ticks, at(micros), false, 0);
            ticks.poll_pause()
        };
        assert_eq!(hear(0, 1_000), None, "the first phase is not over");
        assert_eq!(hear(2_600, 1), Some(at(5_000)));
        assert_eq!(hear(4_000, 6), Some(at(5_000)));
        assert_eq!(hear(5_000, 0), None, "that was little");
    }

    #[test]
    fn what_all_have_gathered_is_a_period_old() {
        let mut ticks = ticks(5);
        let mut turn = Turn::default();
        let mut end = |ticks: &mut Ticks, micros| {
            ticks.release(at(micros), false, 0, |_| {});
            turn.send_message(crate::line::Audience::Everyone { except: None }, Topic::Other, |out| {
                out.push(0)
            });
            ticks.trim(|gathered| {
                gathered.into_iter().for_each(|mark| turn.forget_before(mark));
                turn.mark()
            });
            turn.size()
        };
        assert_eq!([2_500, 3_000, 5_000].map(|micros| end(&mut ticks, micros)), [1, 2, 3]);
        assert_eq!(end(&mut ticks, 7_500), 3, "the first byte is gone");
        assert_eq!([7_600, 10_000].map(|micros| end(&mut ticks, micros)), [4, 5]);
        assert_eq!(end(&mut ticks, 12_500), 3, "and those of the period before");
    }
}
