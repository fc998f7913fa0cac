//! Numbers the fields of roles as they are on the wire.
//!
//! Whether what fields say of their numbers makes sense is for [`check`](crate::check) to see: here every field gets
//! one of its own, from 0 to one less than there are fields.

/// The number of each field: the one it says, else the lowest that is free, in order of declaration.
pub(super) fn assign(said: &[Option<usize>]) -> Vec<usize> {
    let mut taken = vec![false; said.len()];
    let mut numbers: Vec<Option<usize>> = Vec::with_capacity(said.len());
    for number in said {
        let fit = number.filter(|number| taken.get(*number) == Some(&false));
        fit.into_iter().for_each(|number| taken[number] = true);
        numbers.push(fit);
    }
    let mut free = (0..said.len()).filter(|number| !taken[*number]);
    let number = |said: Option<usize>| said.or_else(|| free.next());
    numbers
        .into_iter()
        .map(number)
        .map(|number| number.expect("there are as many numbers as fields"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::assign;

    #[test]
    fn fields_are_numbered_in_order_of_declaration() {
        assert_eq!(assign(&[None, None, None]), [0, 1, 2]);
        assert!(assign(&[]).is_empty());
    }

    #[test]
    fn who_says_a_number_has_it_and_the_others_fill_what_is_free() {
        assert_eq!(assign(&[None, Some(0), None]), [1, 0, 2]);
        assert_eq!(assign(&[Some(2), Some(1), None]), [2, 1, 0]);
    }

    #[test]
    fn what_makes_no_sense_leaves_each_field_a_number_of_its_own() {
        assert_eq!(assign(&[Some(1), Some(1)]), [1, 0]);
        assert_eq!(assign(&[Some(7), None]), [0, 1]);
    }
}
