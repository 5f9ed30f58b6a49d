//! The gate that keeps promises to clients, as `.ci/run` uses it.

use crate::cli::{Folder, root, said, stoa};

#[test]
fn a_breaking_change_fails_and_is_named_and_the_schema_as_it_is_passes() {
    let folder = Folder::new("contract");
    let path = root().join("schema/schema.graphql");
    let text = std::fs::read_to_string(&path).unwrap();
    let same = stoa(&folder, &[])
        .args(["schema", "diff"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(same.status.success(), "{}", said(&same));
    assert!(said(&same).starts_with("0 changes"), "{}", said(&same));
    let with_more = "type Query {\n\t\"Was there once.\"\n\tonce(size: Int): Int\n";
    let old = folder.write("old.graphql", &text.replace("type Query {\n", with_more));
    let broken = stoa(&folder, &[])
        .args(["schema", "diff"])
        .args([&old, &path])
        .output()
        .unwrap();
    assert!(!broken.status.success());
    let told =
        "breaking   Query.once is gone\n1 changes: 1 breaking, 0 dangerous, 0 safe\n1 of them";
    assert!(said(&broken).starts_with(told), "{}", said(&broken));
    let announced = with_more.replace("): Int", "): Int @deprecated(reason: \"Nothing is.\")");
    let old = folder.write("old.graphql", &text.replace("type Query {\n", &announced));
    let warned = stoa(&folder, &[])
        .args(["schema", "diff"])
        .arg(old)
        .output()
        .unwrap();
    assert!(warned.status.success(), "{}", said(&warned));
    assert!(said(&warned).contains("Query.once is gone (was deprecated)"));
}

#[test]
fn a_file_that_is_no_schema_is_told_by_name() {
    let folder = Folder::new("no-contract");
    for (name, text) in [
        ("missing.graphql", None),
        ("query.graphql", Some("{ viewer { id } }")),
    ] {
        if let Some(text) = text {
            folder.write(name, text);
        }
        let output = stoa(&folder, &[])
            .args(["schema", "diff", name])
            .output()
            .unwrap();
        assert!(!output.status.success());
        let text = said(&output);
        assert!(text.contains("cannot be read"), "{name}: {text}");
    }
}
