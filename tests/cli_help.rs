//! The help text is part of the contract.

use crate::program::World;

#[test]
fn help_names_every_command_and_exit_code() {
    let said = World::new().run(&["--help"]);
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.out);
}

#[test]
fn usage_errors_are_exit_code_2() {
    let world = World::new();
    for args in
        [&["redact"][..], &["redact", "x"], &["nonsense"], &["redact", "x", "-o", "y", "--profile", "nope"]]
    {
        let said = world.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(!said.err.is_empty());
    }
}

#[test]
fn completions_are_generated() {
    let said = World::new().run(&["completions", "bash"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("redact") && said.out.contains("--roster"));
}
