//! Singapore unique entity numbers: businesses, local companies and other entities.
//!
//! Source: Accounting and Corporate Regulatory Authority, "Unique Entity Number"; letters modulo 11.

const BUSINESS: (&[u32], &[u8]) = (&[10, 4, 9, 3, 8, 2, 7, 1], b"XMKECAWLJDB");
const COMPANY: (&[u32], &[u8]) = (&[10, 8, 6, 4, 9, 7, 5, 3, 1], b"ZKCMDNERGWH");
const OTHER: [u32; 9] = [4, 3, 5, 3, 10, 2, 2, 5, 7];
const OTHER_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";

/// Says whether the last letter fits one of the three forms.
pub(super) fn valid(text: &str) -> bool {
    let Some((&last, head)) = text.as_bytes().split_last() else { return false };
    let figures = head.iter().all(u8::is_ascii_digit);
    match (figures, head.len()) {
        (true, 8) => weighed(head, BUSINESS) == Some(last),
        (true, 9) => weighed(head, COMPANY) == Some(last),
        (false, 9) => other(head) == Some(last),
        _ => false,
    }
}

fn weighed(head: &[u8], (weights, letters): (&[u32], &[u8])) -> Option<u8> {
    let sum: u32 = head.iter().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    letters.get((sum % 11) as usize).copied()
}

fn other(head: &[u8]) -> Option<u8> {
    let place = |byte: &u8| OTHER_LETTERS.iter().position(|b| b == byte).map(|at| at as u32);
    let values = head.iter().map(place).collect::<Option<Vec<u32>>>()?;
    let sum: u32 = values.iter().zip(OTHER).map(|(d, w)| d * w).sum();
    OTHER_LETTERS.get(((sum + 6) % 11) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_letter_counts() {
        for good in ["00000001M", "200000001H", "T00LL0001C"] {
            assert!(valid(good), "{good}");
        }
        assert!(!valid("00000000A"));
        assert!(!valid("T00AA0000"));
    }
}
