//! A letter's words, as text and as simple HTML from the same paragraphs.
use maud::{DOCTYPE, Markup, html};

/// Subject and body, both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Builds a letter: `letter("Subject").greeting("Dear Ada,").line("…").link("See it", url).sign("AMICC")`.
pub fn letter(subject: impl Into<String>) -> Draft {
    Draft { subject: subject.into(), blocks: Vec::new() }
}

/// A letter being written, paragraph by paragraph.
#[derive(Debug, Clone)]
pub struct Draft {
    subject: String,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
enum Block {
    Paragraph(String),
    Heading(String),
    Facts(Vec<(String, String)>),
    Link(String, String),
    Small(String),
}

impl Draft {
    #[must_use]
    pub fn line(mut self, paragraph: impl Into<String>) -> Self {
        self.blocks.push(Block::Paragraph(paragraph.into()));
        self
    }

    #[must_use]
    pub fn heading(mut self, heading: impl Into<String>) -> Self {
        self.blocks.push(Block::Heading(heading.into()));
        self
    }

    /// Terms and values, one per row.
    #[must_use]
    pub fn facts<T: Into<String>, V: Into<String>>(mut self, facts: impl IntoIterator<Item = (T, V)>) -> Self {
        self.blocks.push(Block::Facts(facts.into_iter().map(|(t, v)| (t.into(), v.into())).collect()));
        self
    }

    /// One thing to do, with its address in full for those who read text.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, address: impl Into<String>) -> Self {
        self.blocks.push(Block::Link(label.into(), address.into()));
        self
    }

    #[must_use]
    pub fn small(mut self, note: impl Into<String>) -> Self {
        self.blocks.push(Block::Small(note.into()));
        self
    }

    /// Ends the letter with who writes it.
    pub fn sign(self, from: &str) -> Letter {
        let text = self.text(from);
        let html = self.html(from).into_string();
        Letter { subject: crate::kernel::text::line(&self.subject), text, html }
    }

    fn text(&self, from: &str) -> String {
        use std::fmt::Write;
        let mut out = String::new();
        for block in &self.blocks {
            // Writing to a String does not fail.
            let _ = match block {
                Block::Paragraph(p) | Block::Small(p) => write!(out, "{p}\n\n"),
                Block::Heading(h) => write!(out, "{h}\n{}\n\n", "-".repeat(h.chars().count())),
                Block::Facts(facts) => {
                    for (term, value) in facts {
                        let _ = writeln!(out, "{term}: {value}");
                    }
                    writeln!(out)
                }
                Block::Link(label, address) => write!(out, "{label}:\n{address}\n\n"),
            };
        }
        let _ = writeln!(out, "{from}");
        out
    }

    fn html(&self, from: &str) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head { meta charset="utf-8"; meta name="viewport" content="width=device-width, initial-scale=1"; title { (self.subject) } }
                body style="margin:0;padding:24px;font:17px/1.55 Georgia,serif;color:#1c2430;background:#ffffff" {
                    div style="max-width:34em;margin:0 auto" {
                        @for block in &self.blocks {
                            @match block {
                                Block::Paragraph(p) => p style="margin:0 0 1em;white-space:pre-line" { (p) },
                                Block::Heading(h) => h2 style="margin:1.4em 0 .5em;font-size:1.15em" { (h) },
                                Block::Facts(facts) => table style="border-collapse:collapse;margin:0 0 1em" {
                                    @for (term, value) in facts {
                                        tr {
                                            th scope="row" style="text-align:left;font-weight:normal;color:#55606f;padding:4px 20px 4px 0;vertical-align:top" { (term) }
                                            td style="padding:4px 0" { (value) }
                                        }
                                    }
                                },
                                Block::Link(label, address) => p style="margin:0 0 1em" { a href=(address) style="color:#1d3f72" { (label) } },
                                Block::Small(p) => p style="margin:0 0 1em;font-size:.85em;color:#55606f" { (p) },
                            }
                        }
                        p style="margin:1.5em 0 0" { (from) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_both_ways_and_nothing_typed_becomes_markup() {
        let letter = letter("Thank you\r\nbcc: x@y.org")
            .line("Dear <b>Ada</b>,")
            .facts([("Amount", "$25.00")])
            .link("See it", "https://x.example/a?b=1&c=2")
            .sign("AMICC");
        assert_eq!(letter.subject, "Thank you bcc: x@y.org");
        assert!(
            letter.text.contains("Dear <b>Ada</b>,")
                && letter.text.contains("Amount: $25.00")
                && letter.text.contains("https://x.example/a?b=1&c=2")
        );
        assert!(letter.html.contains("Dear &lt;b&gt;Ada") && letter.html.contains("a?b=1&amp;c=2"));
    }
}
