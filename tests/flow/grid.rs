//! Grids: zones from positions. What holds for every position, against a naive scan.

use magicnet::{Grid, ZoneId};
use proptest::collection::vec;
use proptest::prelude::*;

/// Cells of 10, positions about the origin: a naive scan of them all is quick.
const CELL: f64 = 10.0;

fn near() -> impl Strategy<Value = f64> {
    prop_oneof![-60.0..60.0_f64, prop::sample::select(vec![-20.0, -10.0, 0.0, 10.0, 20.0])]
}

fn lengths() -> impl Strategy<Value = (f64, f64)> {
    (prop_oneof![0.0..35.0_f64, Just(10.0), Just(0.0)], prop_oneof![0.0..12.0_f64, Just(0.0)])
}

/// How far a cell, named by its lower corner, is from a position.
fn distance<const D: usize>(corner: [f64; D], position: [f64; D]) -> f64 {
    let gap =
        |axis: usize| (corner[axis] - position[axis]).max(position[axis] - corner[axis] - CELL).max(0.0);
    (0..D).map(|axis| gap(axis).powi(2)).sum::<f64>().sqrt()
}

/// Whether what is seen from a position by one who saw `before` is what a scan of all cells near says; distances at
/// the very edge are not compared, where the last bit decides.
fn scan<const D: usize>(
    grid: Grid<D>,
    (radius, hysteresis): (f64, f64),
    position: [f64; D],
    before: &[ZoneId],
) -> Result<(), TestCaseError> {
    let seen = grid.zones_after(position, before);
    prop_assert!(seen.is_sorted_by(|a, b| a < b));
    prop_assert!(seen.len() <= grid.most_zones());
    let mut within = 0;
    for number in 0..20_usize.pow(u32::try_from(D).unwrap()) {
        let mut rest = number;
        let corner = [(); D].map(|()| {
            let index = i32::try_from(rest % 20).unwrap() - 10;
            rest /= 20;
            f64::from(index) * CELL
        });
        let zone = grid.zone(corner.map(|it| it + CELL / 2.0));
        let reach = if before.contains(&zone) { radius + hysteresis } else { radius };
        let distance = distance(corner, position);
        within += usize::from(seen.contains(&zone));
        if (distance - reach).abs() > 1e-9 {
            prop_assert_eq!(seen.contains(&zone), distance < reach, "{} at {} of {}", zone, distance, reach);
        }
    }
    prop_assert_eq!(within, seen.len(), "and nothing else");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_seen_is_what_a_scan_of_all_cells_says(
        lengths in lengths(),
        walk in vec((near(), near()), 1..6),
    ) {
        let grid = Grid::new(CELL).radius(lengths.0).hysteresis(lengths.1);
        let mut seen = Vec::new();
        for (x, y) in walk {
            scan(grid, lengths, [x, y], &seen)?;
            seen = grid.zones_after([x, y], &seen);
            prop_assert!(seen.contains(&grid.zone([x, y])), "one sees where one is");
            prop_assert_eq!(&grid.zones_after([x, y], &seen), &seen, "who stands still sees the same");
        }
    }

    #[test]
    fn so_it_is_in_three_dimensions(
        lengths in (0.0..15.0_f64, 0.0..5.0_f64),
        from in [-40.0..40.0_f64, -40.0..40.0, -40.0..40.0],
        by in [-9.0..9.0_f64, -9.0..9.0, -9.0..9.0],
    ) {
        let grid = Grid::cubic(CELL).radius(lengths.0).hysteresis(lengths.1);
        scan(grid, lengths, from, &[])?;
        let to = [from[0] + by[0], from[1] + by[1], from[2] + by[2]];
        scan(grid, lengths, to, &grid.zones(from))?;
    }

    /// All points are within the hysteresis of each other.
    #[test]
    fn who_stays_within_the_hysteresis_never_changes_zones_and_loses_nothing(
        (x, y) in (near(), near()),
        hysteresis in 0.1..20.0_f64,
        steps in vec((0.0..std::f64::consts::TAU, 0.0..1.0_f64), 1..30),
    ) {
        let grid = Grid::new(CELL).radius(12.0).hysteresis(hysteresis);
        let zone = grid.zone([x, y]);
        let mut seen = grid.zones([x, y]);
        for (angle, part) in steps {
            // Less than half of it around the start.
            let length = part * hysteresis * 0.499;
            let to = [x + length * angle.cos(), y + length * angle.sin()];
            prop_assert_eq!(grid.zone_after(to, zone), zone);
            let now = grid.zones_after(to, &seen);
            prop_assert!(seen.iter().all(|zone| now.contains(zone)), "nothing comes and goes");
            seen = now;
        }
        prop_assert_eq!(grid.zone_after([x + 100.0, y], zone), grid.zone([x + 100.0, y]), "far is elsewhere");
    }

    #[test]
    fn any_numbers_are_a_position(x: f64, y: f64, z: f32, before: u32) {
        let flat = Grid::new(0.5_f32).radius(1.2_f32).hysteresis(0.1);
        let cubes = Grid::cubic(3.0).radius(4.0);
        for position in [[x, y], [y, x], [x, f64::INFINITY], [f64::NEG_INFINITY, f64::NAN]] {
            let zones = flat.zones_after(position, &[ZoneId(before)]);
            prop_assert!(!zones.is_empty() && zones.len() <= flat.most_zones());
            prop_assert!(zones.contains(&flat.zone(position)));
            prop_assert!(zones.iter().all(|zone| zone.0 >= 1 << 16), "the others are the application's");
            prop_assert!(flat.center(flat.zone_after(position, ZoneId(before))).is_some());
        }
        for position in [[z, 0.0, 1.0], [f32::NAN, z, f32::INFINITY]] {
            let zones = cubes.zones(position);
            prop_assert!(zones.contains(&cubes.zone(position)));
            prop_assert!(zones.iter().all(|zone| (1 << 20..1 << 30).contains(&zone.0)));
        }
    }

    #[test]
    fn a_cell_is_its_zones_and_no_others(zone: u32) {
        let flat = Grid::new(7.0);
        let cubes = Grid::cubic(7.0);
        match flat.center(ZoneId(zone)) {
            Some(center) => prop_assert_eq!(flat.zone(center), ZoneId(zone)),
            None => prop_assert!(zone >> 16 == 0 || zone & 0xffff == 0),
        }
        match cubes.center(ZoneId(zone)) {
            Some(center) => prop_assert_eq!(cubes.zone(center), ZoneId(zone)),
            None => prop_assert!(zone >> 30 != 0 || [0, 10, 20].iter().any(|by| zone >> by & 0x3ff == 0)),
        }
    }
}

#[test]
fn the_edge_of_the_world_is_a_cell_like_others() {
    let grid = Grid::new(1.0).radius(1.0);
    let corner = grid.zone([1e9, -1e9]);
    assert_eq!(grid.zone([32_767.5, -32_766.5]), corner);
    assert_eq!(grid.zones([1e9, -1e9]).len(), 4 - 1, "the diagonal one is a little more than 1 away");
    assert_ne!(grid.zone([32_766.5, -32_766.5]), corner);
}

#[test]
#[should_panic(expected = "zones seen at once are more than the 13000 of a grant")]
fn a_reach_that_no_grant_could_name_is_refused() {
    let _ = Grid::new(1.0).radius(1_000.0);
}

#[test]
#[should_panic(expected = "the cells of a grid have a positive size, not NaN")]
fn a_grid_has_cells() {
    let _ = Grid::cubic(f64::NAN);
}
