//! Recordings that move, through the built program: no hidden value can be read on any frame, and what was harmless
//! stays.

use crate::program::World;
use crate::support::people::Cast;
use crate::support::planted::{Kind, Truth};
use crate::support::recording::Take;
use crate::support::scenes::{Action, play};
use crate::support::score::score;
use crate::support::seed::Seed;

/// Records one action, redacts it, and looks at every frame on which something hidden moves.
fn check(action: Action, fps: u32, lost_max: f64) {
    let world = World::new();
    let seed = Seed::new(4711);
    let cast = Cast::new(&seed, 60);
    world.file("roster.csv", cast.roster_csv());
    let mut truth = Truth::default();
    let take = Take { fps, seconds: 60, audio: false, ..Take::default() };
    let input = world.file("in/a.mp4", b"");
    play(&input, (take, &[action]), &cast, &seed, &mut truth.planter("a.mp4", Kind::Recording));
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let score = &score(&truth, &world.path("in"), &world.path("out"))[&Kind::Recording];
    assert!(score.appearances > 100, "{}", score.summary());
    // The tail of a letter at the edge of a view has fewer pixels than a full stop, which is no change.
    assert!(score.appearances_left_share() <= 0.003, "{}\n{:#?}", score.summary(), score.looks);
    assert!(score.removed_share() <= lost_max, "{}\n{:#?}", score.summary(), score.losses);
}

#[test]
fn a_table_that_is_scrolled_shows_no_value() {
    check(Action::Wheel, 10, 0.15);
}

#[test]
fn a_message_on_one_frame_shows_no_value() {
    check(Action::Flash, 10, 0.10);
}
