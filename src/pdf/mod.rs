//! Documents on paper: a sheet is described block by block and becomes a tagged, searchable PDF
//! (PDF/UA-1, checked while it is written).
//!
//! It refuses letters its font does not have: a name is printed right or not at all. Work is done on the
//! calling thread; callers run it on the bounded blocking pool.
mod draw;
mod layout;
mod text;

use crate::kernel::Day;

/// Why no document was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    #[error("The letter “{0}” is not in the font that documents are printed with. Write the text another way.")]
    Letter(char),
    /// A fault of ours: what the standard asks for is missing.
    #[error("the document is not a right one: {0}")]
    Wrong(String),
}

/// The paper, in points of 1/72 inch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Format {
    pub(self) width: f32,
    pub(self) height: f32,
}

impl Format {
    /// 8.5 by 11 inches.
    pub const LETTER: Self = Self { width: 612.0, height: 792.0 };
    /// 210 by 297 mm.
    pub const A4: Self = Self { width: 595.28, height: 841.89 };

    #[must_use]
    pub const fn landscape(self) -> Self {
        Self { width: self.height, height: self.width }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Regular,
    Italic,
    Bold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Start,
    Center,
    End,
}

/// The colors of the house, on white: each at 4.5 to 1 or better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Black,
    Blue,
    Accent,
    Quiet,
}

/// How a text looks. Size in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub size: f32,
    pub face: Face,
    pub align: Align,
    pub ink: Ink,
}

impl Style {
    /// Running text.
    pub const BODY: Self = Self { size: 11.0, face: Face::Regular, align: Align::Start, ink: Ink::Black };

    #[must_use]
    pub const fn size(self, size: f32) -> Self {
        Self { size, ..self }
    }

    #[must_use]
    pub const fn face(self, face: Face) -> Self {
        Self { face, ..self }
    }

    #[must_use]
    pub const fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }

    #[must_use]
    pub const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }
}

/// A column of a table: its heading, and its share of the width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column<'a> {
    pub label: &'a str,
    pub share: f32,
    pub align: Align,
}

#[derive(Debug, Clone, PartialEq)]
enum Block {
    Heading {
        level: u16,
        text: String,
        style: Style,
    },
    Text {
        text: String,
        style: Style,
    },
    /// The coalition's mark, with what it shows in words.
    Mark {
        size: f32,
        alt: String,
    },
    Gap(f32),
    Rule,
    Table {
        columns: Vec<(String, f32, Align)>,
        rows: Vec<Vec<String>>,
        total: Option<Vec<String>>,
    },
}

/// A document on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Paper {
    title: String,
    author: String,
    day: Day,
    format: Format,
    margin: f32,
    /// A border around each page.
    framed: bool,
    /// What is on the first page stands in its middle, if it is the only one.
    centered: bool,
    footer: String,
    blocks: Vec<Block>,
}

impl Paper {
    /// `title` is what a reader's window shows; `author` is the coalition; `day` the day it is made.
    pub fn new(title: impl Into<String>, author: impl Into<String>, day: Day, format: Format) -> Self {
        Self {
            title: title.into(),
            author: author.into(),
            day,
            format,
            margin: 64.0,
            framed: false,
            centered: false,
            footer: String::new(),
            blocks: Vec::new(),
        }
    }

    /// A certificate: a border, and all of it in the middle of the page.
    #[must_use]
    pub fn framed(mut self) -> Self {
        self.framed = true;
        self.centered = true;
        self
    }

    /// A line at the foot of each page.
    #[must_use]
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.footer = text.into();
        self
    }

    #[must_use]
    pub fn mark(mut self, size: f32, alt: impl Into<String>) -> Self {
        self.blocks.push(Block::Mark { size, alt: alt.into() });
        self
    }

    /// `level` 1 to 6, as in HTML.
    #[must_use]
    pub fn heading(mut self, level: u16, text: impl Into<String>, style: Style) -> Self {
        self.blocks.push(Block::Heading { level: level.clamp(1, 6), text: text.into(), style });
        self
    }

    /// One paragraph; an empty one leaves nothing.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>, style: Style) -> Self {
        self.blocks.push(Block::Text { text: text.into(), style });
        self
    }

    #[must_use]
    pub fn gap(mut self, points: f32) -> Self {
        self.blocks.push(Block::Gap(points));
        self
    }

    /// A hairline across.
    #[must_use]
    pub fn rule(mut self) -> Self {
        self.blocks.push(Block::Rule);
        self
    }

    /// Rows under headings, which stand again on each page; `total` is the last row, in bold. A row has
    /// a cell for each column.
    #[must_use]
    pub fn table(mut self, columns: &[Column<'_>], rows: Vec<Vec<String>>, total: Option<Vec<String>>) -> Self {
        let columns = columns.iter().map(|c| (c.label.to_owned(), c.share, c.align)).collect();
        self.blocks.push(Block::Table { columns, rows, total });
        self
    }

    /// The bytes of the PDF. The same description gives the same bytes.
    pub fn finish(&self) -> Result<Vec<u8>, PdfError> {
        draw::draw(self, layout::lay_out(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Paper {
        Paper::new("A paper", "AMICC", Day::new(2026, 11, 24).expect("a day"), Format::LETTER)
    }

    fn holds(pdf: &[u8], what: &str) -> bool {
        pdf.windows(what.len()).any(|window| window == what.as_bytes())
    }

    #[test]
    fn a_paper_is_tagged_and_the_same_each_time() {
        let certificate =
            paper().framed().mark(48.0, "The mark").heading(1, "Certificate", Style::BODY).text("Łódź, Žižka", Style::BODY);
        let bytes = certificate.finish().expect("a right document");
        assert!(bytes.starts_with(b"%PDF-1.7") && holds(&bytes, "/StructTreeRoot") && holds(&bytes, "(en-US)"));
        assert_eq!(certificate.finish(), Ok(bytes));
    }

    #[test]
    fn a_long_table_goes_on_over_the_page_with_its_headings() {
        let columns = [
            Column { label: "What", share: 3.0, align: Align::Start },
            Column { label: "Amount", share: 1.0, align: Align::End },
        ];
        let rows: Vec<_> = (0..120).map(|n| vec![format!("Row {n}"), format!("${n}.00")]).collect();
        let long = paper().heading(1, "Invoice", Style::BODY).table(&columns, rows, Some(vec!["All".into(), "$1".into()]));
        let layout = layout::lay_out(&long).expect("it fits");
        assert!(layout.pages.len() > 2);
        let headings = layout.nodes.iter().filter(|node| node.role == layout::Role::HeadCell).count();
        assert_eq!(headings, 2, "repeated headings are for the eye alone");
        let below = layout.pages.iter().flatten().filter(|item| item.y > Format::LETTER.height).count();
        assert_eq!(below, 0);
        assert!(long.finish().is_ok());
    }

    #[test]
    fn letters_the_font_lacks_are_refused_and_long_words_are_cut() {
        assert_eq!(paper().text("Fund 漢", Style::BODY).finish(), Err(PdfError::Letter('漢')));
        let lines = text::lines(&"W".repeat(200), Style::BODY, 300.0).expect("letters are there");
        assert!(lines.len() > 1 && lines.iter().all(|line| line.width <= 300.0));
        assert_eq!(lines.iter().map(|line| line.text.len()).sum::<usize>(), 200);
    }
}
