//! The rules of the house that a machine can check, read off the source itself.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Which rooms a room may name. The order is that of the arrows: a room knows only rooms above it here.
const ARROWS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("db", &["kernel"]),
    ("config", &["kernel"]),
    ("files", &["kernel"]),
    ("hashing", &[]),
    ("pdf", &["kernel"]),
    ("payments", &["kernel", "config"]),
    ("web", &["kernel", "db"]),
    ("settings", &["kernel", "db"]),
    ("links", &["kernel", "db"]),
    ("fresh", &["db"]),
    ("app", &["kernel", "db", "config", "files", "hashing", "pdf", "payments", "web"]),
    ("audit", &["kernel", "db", "app"]),
    ("work", &["kernel", "db", "app"]),
    ("mail", &["kernel", "db", "config", "app", "work"]),
    ("staff", FLOOR_BELOW_STAFF),
    ("news", FLOOR),
    ("donors", FLOOR),
    ("books", FLOOR),
    ("receipts", &[]),
    ("gifts", &["donors", "books", "receipts"]),
    ("webhooks", &["books", "gifts"]),
    ("members", &["news"]),
    ("alliances", &["news", "members"]),
    ("contributions", &["donors", "books", "gifts", "news", "members"]),
    ("data", &["donors", "books", "gifts", "members", "alliances"]),
    ("portal", &["members", "alliances", "contributions"]),
    ("site", &["news", "members", "alliances"]),
    ("reports", &["donors", "books", "receipts", "gifts", "news", "members", "alliances"]),
    ("desk", &["donors", "books", "receipts", "gifts", "webhooks", "news", "members", "contributions", "alliances", "reports"]),
];
const FLOOR_BELOW_STAFF: &[&str] = &[
    "kernel", "db", "config", "files", "hashing", "pdf", "payments", "web", "settings", "links", "fresh", "app", "audit", "work",
    "mail",
];
const FLOOR: &[&str] = FLOOR_BELOW_STAFF;
/// These stand on top and may know everything.
const TOP: &[&str] = &["routes", "serve", "health", "demo", "command", "main", "lib"];

struct Source {
    path: PathBuf,
    /// The first folder or file under `src/`.
    room: String,
    text: String,
    /// Without comments, without what is within quotes, and without the tests at its end.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut |path| {
        if path.extension().is_none_or(|e| e != "rs") {
            return;
        }
        let inner = path.strip_prefix(&root).unwrap();
        let first = inner.components().next().unwrap().as_os_str().to_str().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let own = text.split("#[cfg(test)]").next().unwrap();
        found.push(Source {
            path: inner.to_owned(),
            room: first.trim_end_matches(".rs").to_owned(),
            code: without_words(own),
            text: own.to_owned(),
        });
    });
    assert!(found.len() > 50, "the source is where this test looks for it");
    found
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path)) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() { walk(&entry, see) } else { see(&entry) }
    }
}

/// The code alone: comments and strings taken out.
fn without_words(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with("'\\\"'") {
            4
        } else if c == '"' {
            let mut escaped = false;
            rest[1..]
                .find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                })
                .map_or(rest.len(), |end| end + 2)
        } else {
            out.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    out
}

/// The rooms that are named after `crate::`, one by one or in a group.
fn rooms_named(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let (mut depth, mut word, mut fresh) = (0, String::new(), true);
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(std::mem::take(&mut word));
                        fresh = true;
                    }
                    c if depth == 0 && fresh && (c.is_alphanumeric() || c == '_') => word.push(c),
                    c if depth == 0 && !c.is_whitespace() => fresh = false,
                    _ => {}
                }
            }
            rooms.insert(word);
        } else {
            rooms.insert(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn every_arrow_points_the_right_way() {
    let known: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let features: BTreeSet<_> = ARROWS.iter().skip_while(|(room, _)| *room != "news").map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for source in sources() {
        let room = source.room.as_str();
        if TOP.contains(&room) {
            continue;
        }
        let Some(listed) = known.get(room) else {
            wrong.push(format!("{room} has no row in ARROWS"));
            continue;
        };
        for named in rooms_named(&source.code) {
            let is_room = known.contains_key(named.as_str()) || TOP.contains(&named.as_str());
            let on_the_floor = features.contains(room) && (FLOOR.contains(&named.as_str()) || named == "staff");
            if is_room && named != room && !listed.contains(&named.as_str()) && !on_the_floor {
                wrong.push(format!("{}: {room} names {named}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tables that the migrations make.
fn tables() -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"), &mut |path| {
        for line in fs::read_to_string(path).unwrap().lines() {
            let line = line.trim().to_lowercase();
            if let Some(rest) = line.strip_prefix("create table ").or_else(|| line.strip_prefix("create virtual table ")) {
                tables.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    });
    assert!(tables.len() > 6);
    tables
}

#[test]
fn a_table_is_touched_by_one_room_alone() {
    let tables = tables();
    let mut touched: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources().iter().filter(|s| s.path.components().all(|c| c.as_os_str() != "sandbox")) {
        let words: Vec<String> = source
            .text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect();
        for pair in words.windows(2) {
            if ["from", "join", "into", "update"].contains(&pair[0].as_str()) && tables.contains(&pair[1]) {
                touched.entry(pair[1].clone()).or_default().insert(source.room.clone());
            }
        }
    }
    // English has the same words: "from message" in a sentence is no query, so only rooms with SQL count.
    let speaks_sql: BTreeSet<_> = sources()
        .into_iter()
        .filter(|s| s.code.contains("sqlx::query") && s.path.components().all(|c| c.as_os_str() != "sandbox"))
        .map(|s| s.room)
        .collect();
    let shared: Vec<_> = touched
        .into_iter()
        .map(|(table, rooms)| (table, rooms.intersection(&speaks_sql).cloned().collect::<Vec<_>>()))
        .filter(|(_, rooms)| rooms.len() > 1)
        .map(|(table, rooms)| format!("{table}: {}", rooms.join(", ")))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

#[test]
fn sql_stands_in_queries_alone() {
    const WHOLE_ROOMS: &[&str] = &["db.rs", "settings.rs", "links.rs", "audit.rs"];
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.code.contains("sqlx::query"))
        .map(|s| s.path.display().to_string())
        .filter(|p| !p.contains("queries") && !p.ends_with("sandbox/store.rs") && !WHOLE_ROOMS.contains(&p.as_str()))
        .collect();
    assert!(wrong.is_empty(), "SQL in {}", wrong.join(", "));
}

#[test]
fn pages_hold_no_sql_and_queries_hold_no_markup() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.path.to_str().unwrap().contains("queries") && s.code.contains("html!"))
        .map(|s| s.path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "markup in {}", wrong.join(", "));
}

#[test]
fn only_one_place_names_the_gateways_client() {
    const CRATES: &[&str] = &[
        "stripe::",
        "stripe_core::",
        "stripe_client_core::",
        "stripe_checkout::",
        "stripe_billing::",
        "stripe_types::",
        "stripe_client_core::",
        "stripe_shared::",
        "stripe_webhook::",
    ];
    for source in sources() {
        let path = source.path.display().to_string();
        if path.starts_with("payments/stripe") || path == "payments/mod.rs" {
            continue;
        }
        for word in source.code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
            assert!(!CRATES.iter().any(|name| word.starts_with(name)), "{path} names {word}");
        }
    }
}

#[test]
fn forbidden_words_are_not_in_the_source() {
    for source in sources() {
        let path = source.path.display().to_string();
        for word in [".unwrap()", "todo!", "unimplemented!", "dbg!", "now_utc", "Local::now", "thread::sleep", "anyhow"] {
            assert!(!source.code.contains(word), "{path} has {word}");
        }
        for word in ["TODO", "FIXME", "HACK", "XXX"] {
            assert!(!source.text.contains(word), "{path} has {word}");
        }
        for column in [": f32", ": f64", "<f32>", "<f64>"] {
            assert!(!source.code.contains(column) || !path.contains("money"), "{path} counts money in floats");
        }
    }
}

#[test]
fn markup_is_escaped_everywhere_but_in_one_place() {
    let raw: Vec<_> =
        sources().into_iter().filter(|s| s.code.contains("PreEscaped")).map(|s| s.path.display().to_string()).collect();
    assert!(raw.len() <= 1, "PreEscaped in {}", raw.join(", "));
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|s| !s.text.starts_with("//!") && !s.path.to_str().unwrap().contains("queries"))
        .map(|s| s.path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no //! in {}", silent.join(", "));
}

#[test]
fn files_stay_small() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|s| (s.text.lines().count(), s.path))
        .filter(|(lines, _)| *lines > 400)
        .map(|(lines, path)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_stylesheet_stays_small() {
    let sheet = fs::metadata(Path::new(env!("CARGO_MANIFEST_DIR")).join("static/site.css")).unwrap();
    assert!(sheet.len() < 40 * 1024, "site.css has {} bytes", sheet.len());
}

#[test]
fn migrations_speak_what_both_databases_understand() {
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"), &mut |path| {
        let text = fs::read_to_string(path).unwrap().to_lowercase();
        assert!(!text.contains("on delete cascade"), "{}", path.display());
        if path.parent().unwrap().ends_with("migrations") {
            for word in ["serial", "autoincrement", "now()", "jsonb", "timestamptz", "without rowid", " integer", " int "] {
                assert!(!text.contains(word), "{} says {word}", path.display());
            }
        }
    });
}

#[test]
fn the_reader_of_the_source_sees_what_it_should() {
    let named = rooms_named("use crate::{app::App, db::{Tx, on}, kernel::Email}; crate::gifts::settle(); crate :: no");
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["app", "db", "gifts", "kernel"]);
    assert!(!without_words("let a = \"x.unwrap()\"; // b.unwrap()").contains("unwrap"));
}
