//! Intervals of frames, first and last inclusive.

/// Intervals in order, joined where one goes on from another.
pub(crate) fn joined(mut intervals: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    intervals.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (first, last) in intervals {
        match joined.last_mut() {
            Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn what_touches_is_one_interval() {
        assert_eq!(joined(vec![(20, 30), (0, 4), (5, 9), (2, 3), (11, 12)]), [(0, 9), (11, 12), (20, 30)]);
        assert_eq!(joined(vec![(0, u32::MAX), (7, 7)]), [(0, u32::MAX)]);
        assert_eq!(joined(Vec::new()), []);
    }
}
