//! US social security numbers. Lenient on purpose: numbers that were never issued (`9xx`, `987-65-432x`)
//! count, because forms and tests use them; only groups of zeros do not.
//!
//! Source: Social Security Administration, POMS RM 10201.

use super::{all_same, digits};

/// Says whether nine digits have no group of zeros.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let zeros = |group: &[u32]| group.iter().all(|&digit| digit == 0);
    !all_same(&d) && !zeros(&d[..3]) && !zeros(&d[3..5]) && !zeros(&d[5..])
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn groups_of_zeros_do_not_count() {
        assert!(valid("987-65-4321"));
        assert!(valid("078051120"));
        for bad in ["000-12-3456", "123-00-3456", "123-45-0000", "111-11-1111", "12345678"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
