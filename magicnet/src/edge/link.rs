//! One connection as its edge sees it: where its handshake stands, what it sees, what it has not read yet.

use super::census::Counted;
use super::datagrams::Beside;
use super::ending::Parting;
use super::meter::Meter;
use super::passage::Passage;
use super::pulse::Pulse;
use crate::line::{Group, Opening, ZoneId};
use crate::time::Time;
use crate::wire::{Extensions, FrameReader};

/// The edge's part of a connection. An idle one owns no buffer.
#[derive(Debug)]
pub(super) struct Link {
    /// Which side of it we are.
    pub(super) opening: Opening,
    pub(super) stage: Stage,
    /// How it ends, once it does.
    pub(super) parting: Parting,
    /// What kind of peer it is to the world; written when it is admitted.
    pub(super) group: Group,
    pub(super) reader: FrameReader,
    /// Its way through the endpoint's middleware, if there is any. Taken out while something passes.
    pub(super) passage: Option<Box<Passage>>,
    /// When the frame began that is not whole yet; written by `handle_bytes`.
    pub(super) frame_since: Option<Time>,
    /// Whether a frame timeout is queued for it.
    pub(super) is_frame_timed: bool,
    /// The shared parameters that the other side has set: their names, and how many bytes each has.
    pub(super) parameters: Vec<(Box<str>, usize)>,
    /// The extension messages that both sides know; only commands of the world write them.
    pub(super) extensions: Extensions,
    /// The zones it sees, sorted; only commands of the world write them.
    zones: Vec<ZoneId>,
    /// Segments of the log that are for it alone.
    pub(super) direct: Vec<u64>,
    /// How many bytes these have.
    pub(super) direct_bytes: usize,
    /// The number of the first segment of the log that it has not gathered.
    pub(super) gathered: u64,
    /// Bytes that it did not take yet: whole frames, but for the first, which may have been sent in part.
    pub(super) kept: Kept,
    /// What travels beside the stream, if its transport carries such and no middleware wants to see it.
    pub(super) beside: Option<Box<Beside>>,
    /// It takes no bytes at the moment.
    pub(super) is_blocked: bool,
    /// Whether it is admitted is known at the world's end of the line alone, until the answer comes.
    pub(super) is_judged_later: bool,
    /// It stands in the queue of those that have something to send.
    pub(super) is_queued: bool,
    /// What it has sent lately.
    pub(super) meter: Meter,
    pub(super) pulse: Pulse,
    /// What it counts as among all that have come.
    pub(super) counted: Counted,
    /// Under a tick: when it is its turn; written when it is admitted.
    pub(super) phase: u16,
    /// It stands in the line of its phase.
    pub(super) is_in_line: bool,
    /// The world waits until it has taken everything.
    pub(super) is_awaited: bool,
    /// Since when it does not keep up, until it is up to date again.
    pub(super) behind_since: Option<Time>,
    /// What can be told anew is not gathered for it; only commands of the world write this.
    pub(super) is_suspended: bool,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A client has been greeted; its HELLO has not come.
    AwaitHello,
    /// A server's greeting has not come.
    AwaitMotd,
    /// The world has been told of the HELLO, or of the greeting, and has not decided.
    AwaitAdmission,
    /// The handshake is finished: it belongs to audiences.
    Active,
    /// This node is leaving, has said so and says no more; what the server sent before it heard of that is still
    /// handled.
    Leaving,
    /// It is over; its last bytes are on their way.
    Closing,
}

impl Link {
    pub(super) fn new(opening: Opening, stage: Stage) -> Self {
        Self {
            opening,
            stage,
            parting: Parting::Plain,
            group: Group::default(),
            reader: FrameReader::default(),
            passage: None,
            frame_since: None,
            is_frame_timed: false,
            parameters: Vec::new(),
            extensions: Extensions::NONE,
            zones: Vec::new(),
            direct: Vec::new(),
            direct_bytes: 0,
            gathered: 0,
            kept: Kept::default(),
            beside: None,
            is_blocked: false,
            is_judged_later: false,
            is_queued: false,
            meter: Meter::default(),
            pulse: Pulse::default(),
            counted: Counted::default(),
            phase: 0,
            is_in_line: false,
            is_awaited: false,
            behind_since: None,
            is_suspended: false,
        }
    }

    /// Whether something that may be lost waits for its turn.
    pub(super) fn has_datagrams(&self) -> bool {
        self.beside.as_ref().is_some_and(|beside| !beside.gathered.is_empty())
    }

    /// Whether it does not keep up; what can be told anew is still gathered for it until it is suspended.
    pub(super) fn is_behind(&self) -> bool {
        self.behind_since.is_some()
    }

    /// Whether what comes over it has a rate.
    pub(super) fn is_metered(&self) -> bool {
        self.opening == Opening::Accepted
    }

    /// Whether messages that need a finished handshake may come. Where the world is not at hand, its end of the line
    /// says so: what comes behind a HELLO may be there before the answer.
    pub(super) fn is_shaken(&self) -> bool {
        let is_judged_later = self.is_judged_later && self.stage == Stage::AwaitAdmission;
        is_judged_later || matches!(self.stage, Stage::Active | Stage::Leaving)
    }

    /// Whether something happens as soon as it has taken everything.
    pub(super) fn is_waited_for(&self) -> bool {
        self.is_awaited || self.stage == Stage::Closing
    }

    /// The zones it sees.
    pub(super) fn zones(&self) -> &[ZoneId] {
        &self.zones
    }

    /// Forgets what was for it alone, and the memory too if a burst needed it.
    pub(super) fn forget_direct(&mut self) {
        if self.direct.capacity() > KEPT_SEGMENTS {
            self.direct = Vec::new();
        }
        self.direct.clear();
        self.direct_bytes = 0;
    }

    /// Whether it sees a zone.
    pub(super) fn sees(&self, zone: ZoneId) -> bool {
        self.zones.binary_search(&zone).is_ok()
    }

    /// Adds a zone to those it sees; says whether it did not see it before.
    pub(super) fn add_zone(&mut self, zone: ZoneId) -> bool {
        let place = self.zones.binary_search(&zone);
        if let Err(place) = place {
            self.zones.insert(place, zone);
        }
        place.is_err()
    }

    /// Takes a zone away from those it sees.
    pub(super) fn remove_zone(&mut self, zone: ZoneId) {
        if let Ok(place) = self.zones.binary_search(&zone) {
            self.zones.remove(place);
        }
    }

    /// Takes all zones away.
    pub(super) fn take_zones(&mut self) -> Vec<ZoneId> {
        std::mem::take(&mut self.zones)
    }

    pub(super) fn is_handshaking(&self) -> bool {
        matches!(self.stage, Stage::AwaitHello | Stage::AwaitMotd | Stage::AwaitAdmission)
    }

    /// Whether the handshake is not finished. Messages may come from a server that has greeted, but it is finished
    /// only when the server has given us our repository.
    pub(super) fn is_unfinished(&self) -> bool {
        let has_place = || self.parameters.iter().any(|(name, _)| &**name == "rp");
        let is_greeted = self.stage == Stage::Active && self.opening == Opening::Dialed;
        self.is_handshaking() || is_greeted && !has_place()
    }
}

/// Output that waits for a connection to take it; most connections have none, and no room for it.
#[derive(Debug, Default)]
pub(super) struct Kept(Option<Box<Rest>>);

#[derive(Debug, Default)]
struct Rest {
    buffer: Vec<u8>,
    /// Where in the buffer begins what was not taken yet.
    start: usize,
    /// How many bytes from there finish the frame that was sent in part.
    frame_rest: usize,
    /// A write was not taken whole, and not all of it has been taken since.
    is_behind: bool,
    /// How many bytes are left of those that are not counted as behind.
    first: usize,
}

impl Rest {
    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}

impl Kept {
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |rest| rest.bytes())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// How many bytes have come on top of what the connection was sent when it still kept up: those are what it has
    /// asked for, and may take their time.
    pub(super) fn behind(&self) -> usize {
        self.0.as_ref().map_or(0, |rest| rest.bytes().len() - rest.first)
    }

    /// What has come so far may take its time too: the count begins anew.
    pub(super) fn count_anew(&mut self) {
        if let Some(rest) = &mut self.0 {
            rest.first = rest.bytes().len();
        }
    }

    /// Appends whole frames.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let rest = self.0.get_or_insert_default();
        let before = rest.buffer.len();
        write(&mut rest.buffer);
        if !rest.is_behind {
            rest.first += rest.buffer.len() - before;
        }
        if rest.bytes().is_empty() {
            self.0 = None;
        }
    }

    /// Keeps what is left of `frames`, which is not nothing, after the first `written` bytes.
    pub(super) fn keep_rest(&mut self, frames: &[u8], written: usize) {
        self.append(|buffer| buffer.extend_from_slice(&frames[written..]));
        if let Some(rest) = &mut self.0 {
            rest.frame_rest = end_of_frame(frames, 0, written) - written;
            rest.is_behind = true;
        }
    }

    /// Forgets the first `written` bytes; gives the memory back when nothing is left.
    pub(super) fn written(&mut self, written: usize) {
        let Some(rest) = self.0.as_mut().filter(|rest| written < rest.bytes().len()) else {
            self.0 = None;
            return;
        };
        rest.frame_rest = end_of_frame(rest.bytes(), rest.frame_rest, written) - written;
        rest.first = rest.first.saturating_sub(written);
        rest.is_behind = true;
        rest.start += written;
        // Moved once for each time that as much has been taken: a slow reader of much costs no more than a fast one.
        if rest.start > rest.buffer.len() / 2 {
            rest.buffer.drain(..rest.start);
            rest.start = 0;
        }
    }

    /// Forgets everything but the rest of a frame whose beginning was sent.
    pub(super) fn drop_whole_frames(&mut self) {
        if let Some(rest) = &mut self.0 {
            rest.buffer.truncate(rest.start + rest.frame_rest);
            rest.first = rest.first.min(rest.frame_rest);
        }
    }
}

/// For how many segments a connection keeps room when nothing waits: a kilobyte, more than a busy turn has for one.
const KEPT_SEGMENTS: usize = 128;

/// Where the frame ends that holds byte `at` of `frames`, whose first frame boundary is at `boundary`.
fn end_of_frame(frames: &[u8], mut boundary: usize, at: usize) -> usize {
    while boundary < at {
        boundary += 2 + usize::from(u16::from_be_bytes([frames[boundary], frames[boundary + 1]]));
    }
    boundary
}
