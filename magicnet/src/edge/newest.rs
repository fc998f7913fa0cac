//! Which values of properties wait in a log, so that a newer one takes an older one's place.
//!
//! **Invariant:** what is said of an object keeps its order. A value goes in front of nothing that was said of its
//! object in between but other values: so a call sees the state that it was made with, and what has ended stays ended.

use crate::hash::HashMap;
use crate::line::{Recipients, Topic};

/// The values that newer ones may replace.
#[derive(Debug, Default)]
pub(super) struct Newest {
    /// The last segment with a value of a property for the same recipients. Those who are being shown its zone are told
    /// by name, and do not keep the others from being told the newest alone.
    values: HashMap<(Topic, Recipients), u64>,
    /// For objects of which something else was said: the last segment with it.
    pins: HashMap<u64, u64>,
}

impl Newest {
    /// Takes up a segment, and says which one it replaces.
    pub(super) fn put(&mut self, number: u64, recipients: Recipients, topic: Topic) -> Option<u64> {
        match topic {
            Topic::State { object, .. } => {
                let older = self.values.insert((topic, recipients), number)?;
                let is_pinned = self.pins.get(&object).is_some_and(|pin| *pin > older);
                (!is_pinned).then_some(older)
            }
            Topic::Call(object) | Topic::Lifecycle(object) => {
                self.pins.insert(object, number);
                None
            }
            Topic::Other | Topic::Several => None,
        }
    }

    /// Forgets the segments before this one.
    pub(super) fn forget_before(&mut self, first: u64) {
        self.values.retain(|_, number| *number >= first);
        self.pins.retain(|_, number| *number >= first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Audience, ZoneId};

    const STATE: Topic = Topic::State { object: 7, role: 0, field: 0 };
    const OTHER_STATE: Topic = Topic::State { object: 7, role: 0, field: 1 };

    fn zone(zone: u32) -> Recipients {
        Audience::Zone { zone: ZoneId(zone), except: None }.into()
    }

    #[test]
    fn a_value_takes_the_place_of_the_one_before() {
        let mut newest = Newest::default();
        assert_eq!(newest.put(0, zone(1), STATE), None);
        assert_eq!(newest.put(1, zone(1), OTHER_STATE), None);
        assert_eq!(newest.put(2, zone(1), Topic::Call(8)), None);
        assert_eq!(newest.put(3, zone(1), STATE), Some(0));
        assert_eq!(newest.put(4, zone(1), STATE), Some(3));
    }

    #[test]
    fn what_is_said_of_the_object_in_between_pins_it() {
        for pin in [Topic::Call(7), Topic::Lifecycle(7)] {
            let mut newest = Newest::default();
            newest.put(0, zone(1), STATE);
            newest.put(1, zone(1), pin);
            assert_eq!(newest.put(2, zone(1), STATE), None);
            assert_eq!(newest.put(3, zone(1), STATE), Some(2), "the one behind it may go");
        }
    }

    #[test]
    fn others_keep_what_they_were_to_receive() {
        let mut newest = Newest::default();
        newest.put(0, zone(1), STATE);
        assert_eq!(newest.put(1, zone(2), STATE), None);
        assert_eq!(newest.put(2, zone(2), STATE), Some(1));
        assert_eq!(newest.put(3, zone(1), STATE), Some(0), "whoever else is told in between");
    }

    #[test]
    fn what_is_gone_is_not_replaced() {
        let mut newest = Newest::default();
        newest.put(0, zone(1), STATE);
        newest.put(1, zone(1), OTHER_STATE);
        newest.forget_before(1);
        assert_eq!(newest.put(2, zone(1), STATE), None);
        assert_eq!(newest.put(3, zone(1), OTHER_STATE), Some(1));
    }
}
