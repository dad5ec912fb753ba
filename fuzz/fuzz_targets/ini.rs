//! Any bytes come back as they were, and an edit touches only what it means to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::ini::Document;

fuzz_target!(|text: &[u8]| {
    let document = Document::parse(text);
    assert_eq!(document.to_bytes(), text);
    assert_eq!(document.edit().finish(), text);

    for (index, section) in document.sections().iter().enumerate() {
        for (property, whole) in section.properties().iter().enumerate() {
            let line = document.line(whole.line());
            if line.trim_start_matches('\u{feff}').starts_with([' ', '\t']) {
                continue; // Whether a line continues such a property is a matter of its depth.
            }
            let mut edit = document.edit();
            edit.set_value(index, property, "new", &["  a = b".to_owned()]);
            let edited = Document::parse(edit.finish());
            let other = &edited.sections()[index].properties()[property];
            assert_eq!(edited.first_value(other), "new");
            assert_eq!(edited.continuation(other), ["  a = b"]);
            assert_eq!(keys(&edited), keys(&document));

            let mut edit = document.edit();
            edit.remove_property(index, property, &[]);
            Document::parse(edit.finish());
        }
        if section.line().is_some() {
            let mut edit = document.edit();
            edit.remove_section(index);
            Document::parse(edit.finish());

            // Who adds to a section where readers stumble cannot know what comes of it. An indented
            // header is such a place for the section above it.
            let next = document.sections().get(index + 1).and_then(|next| next.line());
            let faulty = document.faults().iter().any(|fault| fault.section == index);
            if faulty || next.is_some_and(|next| document.line(next).starts_with([' ', '\t'])) {
                continue;
            }
            let mut edit = document.edit();
            edit.add_to_section(index, vec!["new = 1".to_owned()]);
            let edited = Document::parse(edit.finish());
            let sections = edited.sections();
            assert_eq!(sections.len(), document.sections().len());
            let last = sections[index].properties().last().expect("the new property");
            assert_eq!((last.key(), &*edited.first_value(last)), ("new", "1"));
            assert!(edited.continuation(last).is_empty());
        }
    }

    let mut edit = document.edit();
    edit.append_section(vec!["# lead".to_owned(), "[new]".to_owned(), "a = 1".to_owned()]);
    let edited = Document::parse(edit.finish());
    let last = edited.sections().last().expect("the new section");
    assert_eq!((last.name(), last.properties().len()), ("new", 1));
    assert!(edited.to_bytes().starts_with(text));
});

fn keys(document: &Document) -> Vec<(&str, Vec<&str>)> {
    document
        .sections()
        .iter()
        .map(|section| {
            (section.name(), section.properties().iter().map(|property| property.key()).collect())
        })
        .collect()
}
