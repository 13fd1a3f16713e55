//! The tests that docs/reliability.md names are there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/reliability.md")).expect("the page");
    let named: Vec<_> = page.split('`').filter_map(|code| code.split_once("::")).collect();
    for (file, name) in &named {
        let Ok(text) = fs::read_to_string(root.join(file)) else {
            // The page says `file::test` once, to explain itself.
            assert_eq!((*file, *name), ("file", "test"), "there is no such file");
            continue;
        };
        let defined = ["fn ", "def ", "func ", "void "].iter().any(|word| {
            let start = format!("{word}{name}");
            text.match_indices(&start).any(|(at, _)| !text[at + start.len()..].starts_with(is_of_a_name))
        });
        // Those of operations are made by a macro, from `name: Operation,`.
        assert!(defined || text.contains(&format!("    {name}: ")), "{file} has no test {name}");
    }
    assert!(named.len() > 50, "{}", named.len());
}

fn is_of_a_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
