//! A grid: zones from positions, and which of them to see from where.
//!
//! Pure arithmetic over an endless space cut into equal cells, each of which is a zone. It knows no connections and no
//! objects: what it answers goes into [`NodeCx::set_zone`](crate::NodeCx::set_zone) and
//! [`NodeCx::grant_zones`](crate::NodeCx::grant_zones).

use crate::line::ZoneId;

/// Squares ([`new`](Self::new)) or cubes ([`cubic`](Self::cubic)) of one size, each a zone of its own.
///
/// All lengths are in the unit of the application's positions. `f32` and `f64` are taken alike.
///
/// ```
/// use magicnet::Grid;
///
/// let grid = Grid::new(64.0).radius(100.0).hysteresis(10.0);
/// let mut seen = grid.zones([5.0, 5.0]);
/// assert!(seen.contains(&grid.zone([100.0, 5.0])));
/// assert!(!seen.contains(&grid.zone([200.0, 5.0])), "128 is more than 100 away");
///
/// // A step out of reach changes nothing yet, a second one does.
/// seen = grid.zones_after([-39.0, 5.0], &seen);
/// assert!(seen.contains(&grid.zone([100.0, 5.0])), "103 away: within radius and hysteresis");
/// seen = grid.zones_after([-50.0, 5.0], &seen);
/// assert!(!seen.contains(&grid.zone([100.0, 5.0])));
/// ```
///
/// # Limits
///
/// A square grid has 65,535 cells along each axis, a cubic one 1,023, half of them on either side of the origin; a
/// position beyond the last cell counts as in it, and one that is not a number counts as 0. Zones below 65,536
/// (square) or 1,048,576 (cubic) are no cells: an application has them for lobbies, or for what everybody sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid<const D: usize> {
    cell: f64,
    radius: f64,
    hysteresis: f64,
}

impl Grid<2> {
    /// Squares whose sides have this length. Until [`radius`](Self::radius) says more, a position sees its own one.
    ///
    /// # Panics
    ///
    /// If the length is not positive and finite.
    #[track_caller]
    pub fn new(cell_size: impl Into<f64>) -> Self {
        Self::of(cell_size.into())
    }
}

impl Grid<3> {
    /// Cubes whose edges have this length. Until [`radius`](Self::radius) says more, a position sees its own one.
    ///
    /// # Panics
    ///
    /// If the length is not positive and finite.
    #[track_caller]
    pub fn cubic(cell_size: impl Into<f64>) -> Self {
        Self::of(cell_size.into())
    }
}

impl<const D: usize> Grid<D> {
    #[track_caller]
    fn of(cell: f64) -> Self {
        assert!(cell > 0.0 && cell.is_finite(), "the cells of a grid have a positive size, not {cell}");
        Self { cell, radius: 0.0, hysteresis: 0.0 }
    }

    /// How far one sees: every cell is seen of which a point is at most this far away.
    ///
    /// # Panics
    ///
    /// If the radius is negative or no number, and if so many cells were in reach that a grant of them would not fit
    /// into a frame: see [`most_zones`](Self::most_zones).
    #[must_use]
    #[track_caller]
    pub fn radius(self, radius: impl Into<f64>) -> Self {
        Self { radius: radius.into(), ..self }.checked()
    }

    /// How much farther away something must be to be let go than to be taken up, so that a walk along an edge does not
    /// change what is seen at each step. 0 if nothing is said; a fraction of a cell is usual.
    ///
    /// # Panics
    ///
    /// As for [`radius`](Self::radius).
    #[must_use]
    #[track_caller]
    pub fn hysteresis(self, hysteresis: impl Into<f64>) -> Self {
        Self { hysteresis: hysteresis.into(), ..self }.checked()
    }

    /// The zone that a position is in.
    pub fn zone(&self, position: [impl Into<f64>; D]) -> ZoneId {
        self.zone_of(self.cell_at(self.inside(position)))
    }

    /// The zone that something is in which was in `before`: the same one until it has left that by more than the
    /// [`hysteresis`](Self::hysteresis).
    pub fn zone_after(&self, position: [impl Into<f64>; D], before: ZoneId) -> ZoneId {
        let position = self.inside(position);
        match self.cell_of(before) {
            Some(cell) if self.distance(position, cell) <= self.hysteresis => before,
            _ => self.zone_of(self.cell_at(position)),
        }
    }

    /// The zones to see from a position: those within the [`radius`](Self::radius), sorted.
    pub fn zones(&self, position: [impl Into<f64>; D]) -> Vec<ZoneId> {
        self.zones_after(position, &[])
    }

    /// The zones to see from a position for one who saw `before`, in any order: those within the
    /// [`radius`](Self::radius), and of the earlier ones those that are no farther than the
    /// [`hysteresis`](Self::hysteresis) beyond it. Sorted; zones of `before` that are no cells are not among them.
    ///
    /// [`Connection::zones`](crate::Connection::zones) is what a connection saw before.
    pub fn zones_after(&self, position: [impl Into<f64>; D], before: &[ZoneId]) -> Vec<ZoneId> {
        let position = self.inside(position);
        let kept = before.iter().copied().filter(|zone| {
            let cell = self.cell_of(*zone);
            cell.is_some_and(|cell| self.distance(position, cell) <= self.radius + self.hysteresis)
        });
        let mut zones: Vec<ZoneId> = kept.collect();
        let [first, last] = [-self.radius, self.radius].map(|by| self.cell_at(position.map(|it| it + by)));
        let mut cell = first;
        loop {
            if self.distance(position, cell) <= self.radius {
                zones.push(self.zone_of(cell));
            }
            let Some(axis) = (0..D).rev().find(|axis| cell[*axis] < last[*axis]) else {
                break;
            };
            cell[axis] += 1;
            cell[axis + 1..].copy_from_slice(&first[axis + 1..]);
        }
        zones.sort_unstable();
        zones.dedup();
        zones
    }

    /// The middle of a zone's cell; `None` if the zone is no cell of such a grid.
    pub fn center(&self, zone: ZoneId) -> Option<[f64; D]> {
        Some(self.cell_of(zone)?.map(|index| (f64::from(index) + 0.5) * self.cell))
    }

    /// The most zones that can be seen at once, for [`Limits::zones_per_connection`](crate::Limits).
    pub fn most_zones(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "too many saturate")]
        let along_an_axis = (2.0 * (self.radius + self.hysteresis) / self.cell) as usize;
        (0..D).fold(1_usize, |all, _| all.saturating_mul(along_an_axis.saturating_add(2)))
    }

    #[track_caller]
    fn checked(self) -> Self {
        let Self { radius, hysteresis, .. } = self;
        assert!(radius >= 0.0, "the radius of a grid is a length, not {radius}");
        assert!(hysteresis >= 0.0, "the hysteresis of a grid is a length, not {hysteresis}");
        let most = self.most_zones();
        assert!(most <= MOST_ZONES, "{most} zones seen at once are more than the {MOST_ZONES} of a grant");
        self
    }

    /// The position, brought to the last cell if it is beyond.
    fn inside(&self, position: [impl Into<f64>; D]) -> [f64; D] {
        let first = -f64::from(Self::LAST) * self.cell;
        let last = (f64::from(Self::LAST) + 0.5) * self.cell;
        position.map(|it| {
            let it: f64 = it.into();
            if it.is_nan() { 0.0 } else { it.clamp(first, last) }
        })
    }

    fn cell_at(&self, position: [f64; D]) -> [i32; D] {
        #[expect(clippy::cast_possible_truncation, reason = "what is beyond saturates, and is clamped")]
        position.map(|it| ((it / self.cell).floor() as i32).clamp(-Self::LAST, Self::LAST))
    }

    /// How far the nearest point of a cell is.
    fn distance(&self, position: [f64; D], cell: [i32; D]) -> f64 {
        let own = self.cell_at(position);
        let gap = |axis: usize| {
            let gap = match cell[axis] - own[axis] {
                0 => 0.0,
                1.. => f64::from(cell[axis]) * self.cell - position[axis],
                ..0 => position[axis] - f64::from(cell[axis] + 1) * self.cell,
            };
            gap.max(0.0)
        };
        (0..D).map(|axis| gap(axis).powi(2)).sum::<f64>().sqrt()
    }

    /// Which bits of a zone's number say where it is along an axis. None of them is 0 for a cell.
    const BITS: u32 = match D {
        2 => 16,
        3 => 10,
        _ => panic!("grids are made by `new` and `cubic`"),
    };

    /// The index of the last cell along each axis.
    const LAST: i32 = (1 << (Self::BITS - 1)) - 1;

    fn zone_of(&self, cell: [i32; D]) -> ZoneId {
        let number = cell.into_iter().fold(0, |number, index| {
            let place = u32::try_from(index + Self::LAST + 1).expect("cells are within the grid");
            number << Self::BITS | place
        });
        ZoneId(number)
    }

    fn cell_of(&self, zone: ZoneId) -> Option<[i32; D]> {
        let mut rest = zone.0;
        let mut cell = [0; D];
        for index in cell.iter_mut().rev() {
            let place = i32::try_from(rest & ((1 << Self::BITS) - 1)).expect("it has few bits");
            if place == 0 {
                return None;
            }
            *index = place - Self::LAST - 1;
            rest >>= Self::BITS;
        }
        (rest == 0).then_some(cell)
    }
}

/// What fits into the shared parameter that a grant is.
const MOST_ZONES: usize = 13_000;
