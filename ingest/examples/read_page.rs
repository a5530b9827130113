//! Prints the words of a picture with their boxes and confidences, to see what the engine makes of a page:
//! `cargo run --release -p custody-ingest --example read_page -- PICTURE [LANGUAGES]`. It shows values: for made-up pages.
#![allow(clippy::print_stdout, reason = "a tool for developers prints")]

use custody_ingest::image::Pages;
use custody_ingest::ocr::{Look, Ocr};
use custody_rules::Limits;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("a picture's path");
    let languages = arguments.next().unwrap_or_else(|| "eng".to_owned());
    let file = std::fs::File::open(path).expect("the picture can be opened");
    let mut pages = Pages::open(&file, &Limits::default()).expect("the picture can be decoded");
    let page = pages.next_page().expect("the page can be decoded").expect("a page");
    let ocr = Ocr::new(&languages, 1).expect("the engine starts");
    let words = ocr
        .read_page((&image::imageops::grayscale(&page.rgb), Look::First), &mut |_, _| Ok(()))
        .expect("the page can be read");
    let mut line = u32::MAX;
    for word in words {
        if word.line != line {
            println!();
            line = word.line;
        }
        let rect = word.rect;
        print!(
            "{}[{:.0}]({},{} {}x{}) ",
            word.text, word.confidence, rect.left, rect.top, rect.width, rect.height
        );
    }
    println!();
}
