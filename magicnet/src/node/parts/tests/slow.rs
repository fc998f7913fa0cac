//! Who does not keep up, on whichever edge, is told what is different when it reads on; who missed what is said once
//! ends.

use std::collections::BTreeMap;

use super::*;
use crate::world::{NodeCx, Object};

/// What is kept for who does not read.
const KEPT: usize = 1_000;

type Beat = Object<beat::Contract>;

fn slow_server(diary: &Diary) -> NodeBuilder {
    server(diary).limits(Limits { kept_output: KEPT, shown_at_once: 100, ..Limits::default() })
}

impl Stage {
    /// Something is done in the world when its turn comes.
    fn act(&self, act: impl FnOnce(&mut NodeCx<'_>) + Send + 'static) {
        self.hub.handle().post(act).unwrap();
    }

    /// The same with one of the beats, if there are any.
    fn act_on_one(&self, number: usize, act: impl FnOnce(&mut NodeCx<'_>, Beat) + Send + 'static) {
        self.act(move |n| {
            let beats = n.objects::<beat::Contract>();
            if !beats.is_empty() {
                act(n, beats[number % beats.len()]);
            }
        });
    }

    /// What the world has in a zone.
    fn counts_in(&mut self, zone: u32) -> BTreeMap<u64, u32> {
        let told = Arc::new(Mutex::new(BTreeMap::new()));
        let tell = Arc::clone(&told);
        self.act(move |n| *tell.lock().unwrap() = counts(n, Some(zone)));
        self.hub.handle_commands(NOW);
        std::mem::take(&mut *told.lock().unwrap())
    }

    fn beat(&self, number: usize) {
        self.act_on_one(number, |n, beat| n.object(beat).server().beat());
    }

    fn set_zone(&mut self, client: usize, zone: u32) {
        self.ends[client].node.run(NOW, |n| n.set_zones([zone]));
    }
}

/// The counts of all beats, or of those in one zone, by their numbers.
fn counts(n: &NodeCx<'_>, zone: Option<u32>) -> BTreeMap<u64, u32> {
    let beats = n.objects::<beat::Contract>().into_iter();
    let beats = beats.filter(|beat| zone.is_none_or(|zone| n.zone_of(*beat) == Some(zone.into())));
    beats.map(|beat| (beat.id().to_u64(), n.state(beat).unwrap().count)).collect()
}

/// How often somebody was told several changes as one.
fn jumps(diary: &Diary) -> usize {
    let changes = diary.lines().into_iter().filter_map(|line| {
        let (old, new) = line.split_once(" -> ")?;
        Some([old, new].map(|count| count.parse::<u32>().unwrap()))
    });
    changes.filter(|[old, new]| *new > old + 1).count()
}

/// Whatever the threads' luck, and whatever happens meanwhile: in the end everybody knows what there is, and who reads
/// hears of each change.
#[test]
fn in_the_end_everybody_knows_what_there_is() {
    const CLIENTS: usize = 4;
    let mut caught_up = 0;
    for seed in 0..20 {
        let (mut dice, heard) = (Dice(seed), Diary::default());
        let mut stage = Stage::new(slow_server(&heard), 3);
        let diaries: [Diary; CLIENTS] = Default::default();
        diaries.iter().zip(0..).for_each(|(diary, number)| {
            stage.join(client(diary), number % 3);
        });
        stage.settle();
        let mut zones = [7; CLIENTS];
        (0..CLIENTS).for_each(|client| stage.set_zone(client, 7));
        for _ in 0..3_000 {
            let (number, zone) = (dice.roll(1_000), [7, 8][dice.roll(2)]);
            match dice.roll(24) {
                // Two of them read all the time.
                0 => stage.set_stuck(number % 2, number % 5 > 0),
                1 if number % 4 == 0 => {
                    zones[number % CLIENTS] = zone;
                    stage.set_zone(number % CLIENTS, zone);
                }
                2 => stage.act(move |n| drop(n.create::<beat::Contract>().zone(zone).send())),
                3 if number % 2 == 0 => stage.act_on_one(number, |n, beat| n.destroy(beat)),
                4 => stage.act_on_one(number, move |n, beat| n.set_zone(beat, zone)),
                5..11 => stage.beat(number),
                11..15 => stage.turn_hub(),
                _ => stage.turn_part(dice.roll(3)),
            }
        }
        (0..CLIENTS).for_each(|client| stage.set_stuck(client, false));
        (0..20).for_each(|_| stage.settle());
        assert_eq!(heard.lines(), ["connected"; CLIENTS], "seed {seed}");
        for (client, zone) in zones.into_iter().enumerate() {
            let there = stage.counts_in(zone);
            let here = stage.ends[client].node.run(NOW, |n| counts(n, None));
            assert_eq!(here, there, "seed {seed}, client {client}");
        }
        caught_up += jumps(&diaries[0]) + jumps(&diaries[1]);
        assert_eq!([2, 3].map(|client| jumps(&diaries[client])), [0, 0], "who reads hears everything");
    }
    assert!(caught_up > 100, "{caught_up} changes were told late");
}

/// Ann on one edge and Bob on another see a beat, and Ann has stopped to read.
fn ann_is_stuck(heard: &Diary, diaries: [&Diary; 2]) -> (Stage, [usize; 2]) {
    let mut stage = Stage::new(slow_server(heard), 2);
    let ends = [0, 1].map(|part| stage.join(client(diaries[part]), part));
    stage.settle();
    stage.act(|n| drop(n.create::<beat::Contract>().zone(7).send()));
    ends.into_iter().for_each(|end| stage.set_zone(end, 7));
    stage.settle();
    stage.set_stuck(ends[0], true);
    (stage, ends)
}

#[test]
fn who_is_behind_and_misses_a_message_ends() {
    let [heard, ann_saw, bob_saw] = [(); 3].map(|()| Diary::default());
    let (mut stage, [_, bob]) = ann_is_stuck(&heard, [&ann_saw, &bob_saw]);
    for _ in 0..200 {
        stage.beat(0);
        stage.turn_hub();
        [0, 1].into_iter().for_each(|part| stage.turn_part(part));
    }
    stage.settle();
    assert_eq!(heard.lines(), ["connected"; 2]);
    stage.say(bob, [5]);
    stage.settle();
    let end = "missed what is said once, for reading too slowly";
    assert!(heard.lines()[3].contains(end), "{:?}", heard.lines());
    let (last, beats) = bob_saw.lines().split_last().map(|(last, all)| (last.clone(), all.len())).unwrap();
    assert_eq!((&*last, beats), ("1 by 5", 201), "others notice nothing");
}

/// The world does not hear at once that somebody is behind. What comes for it meanwhile is kept too, up to a bound.
#[test]
fn as_much_again_is_kept_until_the_world_has_heard() {
    for (beats, ends) in [(80, false), (200, true)] {
        let [heard, ann_saw, bob_saw] = [(); 3].map(|()| Diary::default());
        let (mut stage, [ann, _]) = ann_is_stuck(&heard, [&ann_saw, &bob_saw]);
        for _ in 0..beats {
            stage.beat(0);
            stage.hub.handle_commands(NOW);
            stage.hub.share_turns();
            stage.turn_part(0);
        }
        stage.settle();
        let end = "more than 1000 bytes unread";
        assert_eq!(heard.lines().iter().any(|line| line.contains(end)), ends, "{beats}: {:?}", heard.lines());
        // Nothing else of the story is special: who was not ended catches up.
        if !ends {
            (0..100).for_each(|_| stage.beat(0));
            stage.settle();
            stage.set_stuck(ann, false);
            stage.settle();
            assert_eq!(jumps(&ann_saw), 1);
            let last = format!(" -> {}", beats + 100);
            assert!(ann_saw.lines().pop().is_some_and(|line| line.ends_with(&last)));
        }
    }
}
