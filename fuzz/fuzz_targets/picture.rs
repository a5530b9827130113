//! Pictures of every format: their structure is walked, and every page that is there decoded.
#![no_main]

use custody_fuzz::{file, limits};
use custody_ingest::image::Pages;
use custody_rules::Limits;
use libfuzzer_sys::fuzz_target;

/// Pages of a quarter of a megapixel, and no more than sixteen of them.
const PIXELS_MAX: u64 = 1 << 18;

fuzz_target!(|data: &[u8]| {
    let limits =
        Limits { pixels_max: PIXELS_MAX, pages_max: 16, pages_pixels_max: 16 * PIXELS_MAX, ..limits() };
    let Ok(mut pages) = Pages::open(&file(data), &limits) else { return };
    let count = pages.count();
    let mut seen = 0;
    while let Ok(Some(page)) = pages.next_page() {
        assert!(u64::from(page.rgb.width()) * u64::from(page.rgb.height()) <= PIXELS_MAX);
        assert_eq!(page.number as usize, seen);
        seen += 1;
    }
    assert!(seen <= count);
});
