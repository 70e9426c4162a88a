//! Where everything stands: blocks become items on pages, and nodes of the tree that a screen reader walks.
use super::{
    Align, Block, Face, Ink, Paper, PdfError, Style,
    text::{LEADING, Line, line, lines},
};

/// What a part of the document is to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Heading(u16, String),
    Paragraph,
    /// With what it shows in words.
    Figure(String),
    Table,
    Row,
    HeadCell,
    Cell,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) role: Role,
    /// `None` stands under the document itself.
    pub(super) parent: Option<usize>,
}

#[derive(Debug)]
pub(super) enum Drawn {
    Line(Line),
    /// A hairline of this width.
    Rule(f32),
    /// The mark, this wide.
    Mark(f32),
}

/// Something on a page. For a line of text `y` is its baseline, for all else its top.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) drawn: Drawn,
    /// `None` for what only decorates or repeats.
    pub(super) node: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) pages: Vec<Vec<Item>>,
    pub(super) nodes: Vec<Node>,
}

const SMALL: Style = Style::BODY.size(9.5).ink(Ink::Quiet);
const CELL_GAP: f32 = 12.0;
const ROW_GAP: f32 = 6.0;

pub(super) fn lay_out(paper: &Paper) -> Result<Layout, PdfError> {
    let mut setter = Setter { paper, layout: Layout { pages: vec![Vec::new()], nodes: Vec::new() }, y: paper.margin };
    for block in &paper.blocks {
        setter.set(block)?;
    }
    setter.center();
    setter.feet()?;
    Ok(setter.layout)
}

struct Setter<'a> {
    paper: &'a Paper,
    layout: Layout,
    /// How far down the page is used.
    y: f32,
}

impl Setter<'_> {
    const fn width(&self) -> f32 {
        self.paper.format.width - 2.0 * self.paper.margin
    }

    const fn bottom(&self) -> f32 {
        self.paper.format.height - self.paper.margin
    }

    fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.layout.nodes.push(Node { role, parent });
        self.layout.nodes.len() - 1
    }

    fn put(&mut self, x: f32, y: f32, drawn: Drawn, node: Option<usize>) {
        let page = self.layout.pages.last_mut().expect("there is always a page");
        page.push(Item { x, y, drawn, node });
    }

    /// Begins another page when `height` more does not fit on this one. Says whether it did.
    fn room(&mut self, height: f32) -> bool {
        let full = self.y + height > self.bottom() && self.y > self.paper.margin;
        if full {
            self.layout.pages.push(Vec::new());
            self.y = self.paper.margin;
        }
        full
    }

    fn set(&mut self, block: &Block) -> Result<(), PdfError> {
        match block {
            Block::Heading { level, text, style } => {
                let node = self.node(Role::Heading(*level, text.clone()), None);
                self.paragraph(text, *style, node)?;
            }
            Block::Text { text, style } => {
                let node = self.node(Role::Paragraph, None);
                self.paragraph(text, *style, node)?;
            }
            Block::Mark { size, alt } => {
                self.room(*size);
                let node = self.node(Role::Figure(alt.clone()), None);
                let x = if self.paper.centered { (self.paper.format.width - size) / 2.0 } else { self.paper.margin };
                self.put(x, self.y, Drawn::Mark(*size), Some(node));
                self.y += size;
            }
            Block::Gap(points) => self.y += points,
            Block::Rule => {
                self.room(1.0);
                self.put(self.paper.margin, self.y, Drawn::Rule(self.width()), None);
                self.y += 1.0;
            }
            Block::Table { columns, rows, total } => self.table(columns, rows, total.as_deref())?,
        }
        Ok(())
    }

    fn paragraph(&mut self, text: &str, style: Style, node: usize) -> Result<(), PdfError> {
        for line in lines(text, style, self.width())? {
            self.room(style.size * LEADING);
            let x = self.paper.margin + shift(style.align, self.width(), line.width);
            self.put(x, self.y + style.size, Drawn::Line(line), Some(node));
            self.y += style.size * LEADING;
        }
        Ok(())
    }

    fn table(
        &mut self,
        columns: &[(String, f32, Align)],
        rows: &[Vec<String>],
        total: Option<&[String]>,
    ) -> Result<(), PdfError> {
        let all: f32 = columns.iter().map(|(_, share, _)| share).sum();
        let mut left = self.paper.margin;
        let places: Vec<(f32, f32, Align)> = columns
            .iter()
            .map(|(_, share, align)| {
                let (x, width) = (left, (self.width() + CELL_GAP) * share / all.max(f32::EPSILON));
                left += width;
                (x, width - CELL_GAP, *align)
            })
            .collect();
        let labels: Vec<String> = columns.iter().map(|(label, ..)| label.clone()).collect();
        let head = Style::BODY.size(10.0).face(Face::Bold);
        let table = self.node(Role::Table, None);
        self.row(&labels, &places, head, Some((table, &Role::HeadCell)), None)?;
        for row in rows {
            self.row(row, &places, Style::BODY, Some((table, &Role::Cell)), Some((&labels, head)))?;
        }
        if let Some(total) = total {
            self.row(total, &places, Style::BODY.face(Face::Bold), Some((table, &Role::Cell)), Some((&labels, head)))?;
        }
        Ok(())
    }

    /// One row and the hairline under it. On a new page the headings are repeated for the eye alone.
    fn row(
        &mut self,
        cells: &[String],
        places: &[(f32, f32, Align)],
        style: Style,
        node: Option<(usize, &Role)>,
        repeated: Option<(&[String], Style)>,
    ) -> Result<(), PdfError> {
        let set: Vec<Vec<Line>> =
            cells.iter().zip(places).map(|(cell, (_, width, _))| lines(cell, style, *width)).collect::<Result<_, _>>()?;
        let step = style.size * LEADING;
        let tallest = set.iter().map(Vec::len).max().unwrap_or_default().max(1);
        #[expect(clippy::cast_precision_loss, reason = "a row has a few lines")]
        let height = tallest as f32 * step + ROW_GAP;
        if self.room(height)
            && let Some((labels, style)) = repeated
        {
            self.row(labels, places, style, None, None)?;
        }
        let row = node.map(|(table, _)| self.node(Role::Row, Some(table)));
        for (cell, (x, width, align)) in set.into_iter().zip(places) {
            let cell_node = node.map(|(_, role)| self.node(role.clone(), row));
            let mut y = self.y + style.size;
            for line in cell {
                self.put(x + shift(*align, *width, line.width), y, Drawn::Line(line), cell_node);
                y += step;
            }
        }
        self.y += height;
        self.put(self.paper.margin, self.y - ROW_GAP / 2.0, Drawn::Rule(self.width()), None);
        self.y += ROW_GAP / 2.0;
        Ok(())
    }

    fn center(&mut self) {
        if !self.paper.centered || self.layout.pages.len() > 1 {
            return;
        }
        let down = (self.bottom() - self.y) / 2.0;
        for item in self.layout.pages.iter_mut().flatten() {
            item.y += down;
        }
    }

    /// The footer and the number of each page, for the eye alone.
    fn feet(&mut self) -> Result<(), PdfError> {
        let last = self.layout.pages.len();
        let up = if self.paper.framed { 0.75 } else { 0.5 };
        let y = self.paper.format.height - self.paper.margin * up;
        for number in 1..=last {
            let mut feet = Vec::new();
            if !self.paper.footer.is_empty() {
                let foot = line(&self.paper.footer, SMALL)?;
                let align = if self.paper.centered { Align::Center } else { Align::Start };
                feet.push((self.paper.margin + shift(align, self.width(), foot.width), foot));
            }
            if last > 1 {
                let foot = line(&format!("Page {number} of {last}"), SMALL)?;
                feet.push((self.paper.margin + shift(Align::End, self.width(), foot.width), foot));
            }
            let page = &mut self.layout.pages[number - 1];
            page.extend(feet.into_iter().map(|(x, foot)| Item { x, y, drawn: Drawn::Line(foot), node: None }));
        }
        Ok(())
    }
}

fn shift(align: Align, room: f32, width: f32) -> f32 {
    match align {
        Align::Start => 0.0,
        Align::Center => (room - width) / 2.0,
        Align::End => room - width,
    }
}
