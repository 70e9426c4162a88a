//! Puts the items on pages and hangs the tags up. The only file that names the PDF library's surfaces.
use super::{
    Face, Ink, Paper, PdfError,
    layout::{Drawn, Item, Layout, Node, Role},
};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{Path, PathBuilder, Point, Rect, Transform},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, FillRule, LineCap, Stroke, StrokeDash},
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree},
    text::Font,
};
use std::num::NonZeroU16;

impl Ink {
    fn color(self) -> rgb::Color {
        match self {
            Self::Black => rgb::Color::new(0x19, 0x1f, 0x2c),
            Self::Blue => rgb::Color::new(0x1d, 0x3f, 0x72),
            Self::Accent => rgb::Color::new(0x9d, 0x3f, 0x17),
            Self::Quiet => rgb::Color::new(0x52, 0x5a, 0x69),
        }
    }
}

struct Faces([Font; 3]);

impl Faces {
    fn load() -> Self {
        let load = |face: Face| Font::new(face.bytes().into(), 0).expect("the fonts are whole");
        Self([load(Face::Regular), load(Face::Italic), load(Face::Bold)])
    }

    fn of(&self, face: Face) -> Font {
        self.0[match face {
            Face::Regular => 0,
            Face::Italic => 1,
            Face::Bold => 2,
        }]
        .clone()
    }
}

pub(super) fn draw(paper: &Paper, layout: Layout) -> Result<Vec<u8>, PdfError> {
    let wrong = |error: &dyn std::fmt::Debug| PdfError::Wrong(format!("{error:?}"));
    let configuration =
        ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish().map_err(|e| wrong(&e))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() });
    document.set_metadata(metadata(paper));
    document.set_outline(outline(&layout));
    let faces = Faces::load();
    let mut leaves: Vec<Vec<Identifier>> = layout.nodes.iter().map(|_| Vec::new()).collect();
    for items in layout.pages {
        let settings = PageSettings::from_wh(paper.format.width, paper.format.height)
            .ok_or_else(|| PdfError::Wrong("the paper has no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        if paper.framed {
            frame(&mut surface, paper);
        }
        for item in items {
            let tag = match (&item.node, &item.drawn) {
                (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
                (Some(_), Drawn::Line(_)) => ContentTag::Span(SpanTag::empty()),
                (Some(_), _) => ContentTag::Other,
            };
            let leaf = surface.start_tagged(tag);
            put(&mut surface, &item, &faces);
            surface.end_tagged();
            if let Some(node) = item.node {
                leaves[node].push(leaf);
            }
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree(&layout.nodes, leaves));
    document.finish().map_err(|e| wrong(&e))
}

fn metadata(paper: &Paper) -> Metadata {
    let day = paper.day;
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let made = DateTime::new(u16::try_from(day.year()).unwrap_or_default())
        .month(part(day.month().number()))
        .day(part(day.day_of_month()));
    Metadata::new()
        .title(paper.title.clone())
        .authors(vec![paper.author.clone()])
        .language("en-US".to_owned())
        .creator("Convener".to_owned())
        .creation_date(made)
}

/// The headings, as a reader's window lists them beside the pages.
fn outline(layout: &Layout) -> Outline {
    let mut outline = Outline::new();
    for (at, node) in layout.nodes.iter().enumerate() {
        let Role::Heading(_, title) = &node.role else { continue };
        let found = layout.pages.iter().enumerate().find_map(|(page, items)| {
            let first = items.iter().find(|item| item.node == Some(at))?;
            Some((page, first))
        });
        if let Some((page, first)) = found {
            let above = if let Drawn::Line(line) = &first.drawn { line.size } else { 0.0 };
            let place = XyzDestination::new(page, Point::from_xy(0.0, (first.y - above).max(0.0)));
            outline.push_child(OutlineNode::new(title.clone(), place));
        }
    }
    outline
}

fn put(surface: &mut Surface<'_>, item: &Item, faces: &Faces) {
    match &item.drawn {
        Drawn::Line(line) => {
            fill(surface, line.ink);
            let at = Point::from_xy(item.x, item.y);
            surface.draw_glyphs(at, &line.glyphs, faces.of(line.face), &line.text, line.size, false);
        }
        Drawn::Rule(width) => {
            stroke(surface, Ink::Quiet, 0.5, None);
            if let Some(path) = path(|p| {
                p.move_to(item.x, item.y);
                p.line_to(item.x + width, item.y);
            }) {
                surface.draw_path(&path);
            }
        }
        Drawn::Mark(size) => mark(surface, item.x, item.y, *size),
    }
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: ink.color().into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }));
}

fn stroke(surface: &mut Surface<'_>, ink: Ink, width: f32, dash: Option<StrokeDash>) {
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: ink.color().into(),
        width,
        line_cap: LineCap::Butt,
        dash,
        opacity: NormalizedF32::ONE,
        ..Stroke::default()
    }));
}

fn path(trace: impl FnOnce(&mut PathBuilder)) -> Option<Path> {
    let mut builder = PathBuilder::new();
    trace(&mut builder);
    builder.finish()
}

/// Seats around an open table, the newest nearest: the default mark, as `static/mark.svg` draws it.
fn mark(surface: &mut Surface<'_>, x: f32, y: f32, size: f32) {
    /// Of the drawing's 48 units.
    const SEAT: f32 = 13.352;
    const GAP: f32 = 4.451;
    let scale = size / 48.0;
    surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
    let dash = |array: Vec<f32>| Some(StrokeDash { array, offset: 0.0 });
    for (ink, turn, dashes) in [
        (Ink::Blue, 127.5, dash(vec![SEAT, GAP, SEAT, GAP, SEAT, GAP, SEAT, GAP, SEAT, 5.0 * GAP])),
        (Ink::Accent, 67.5, dash(vec![SEAT, 93.462])),
    ] {
        stroke(surface, ink, 10.0, dashes);
        if let Some(ring) = ring(24.0, 24.0, 17.0, turn) {
            surface.draw_path(&ring);
        }
    }
    surface.pop();
}

/// A circle that begins `turn` degrees after three o'clock, clockwise: four Bézier arcs.
fn ring(cx: f32, cy: f32, radius: f32, turn: f32) -> Option<Path> {
    /// How far the handles of a quarter circle reach, in radii.
    const HANDLE: f32 = 0.552_285;
    let at = |degrees: f32, along: f32| {
        let (sin, cos) = (turn + degrees).to_radians().sin_cos();
        (cx + radius * (cos - along * sin), cy + radius * (sin + along * cos))
    };
    path(|p| {
        let (x, y) = at(0.0, 0.0);
        p.move_to(x, y);
        for quarter in [0.0, 90.0, 180.0, 270.0] {
            let ((x1, y1), (x2, y2), (x, y)) = (at(quarter, HANDLE), at(quarter + 90.0, -HANDLE), at(quarter + 90.0, 0.0));
            p.cubic_to(x1, y1, x2, y2, x, y);
        }
        p.close();
    })
}

fn frame(surface: &mut Surface<'_>, paper: &Paper) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    for (inset, width, ink) in [(22.0, 1.8, Ink::Blue), (28.0, 0.5, Ink::Accent)] {
        stroke(surface, ink, width, None);
        let border = Rect::from_xywh(inset, inset, paper.format.width - 2.0 * inset, paper.format.height - 2.0 * inset);
        if let Some(path) = border.and_then(|border| path(|p| p.push_rect(border))) {
            surface.draw_path(&path);
        }
    }
    surface.end_tagged();
}

/// The tree a screen reader walks. A node's parent stands before it, so children are hung up from the last.
fn tree(nodes: &[Node], leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = Vec::with_capacity(nodes.len());
    for (node, leaves) in nodes.iter().zip(leaves) {
        let mut group = TagGroup::new(kind(&node.role));
        for leaf in leaves {
            group.push(leaf);
        }
        groups.push(Some(group));
    }
    let mut tree = TagTree::new();
    let mut under_root = Vec::new();
    for (at, node) in nodes.iter().enumerate().rev() {
        let Some(group) = groups[at].take() else { continue };
        match node.parent {
            Some(parent) => {
                if let Some(parent) = groups[parent].as_mut() {
                    parent.children.insert(0, group.into());
                }
            }
            None => under_root.push(group),
        }
    }
    for group in under_root.into_iter().rev() {
        tree.push(group);
    }
    tree
}

fn kind(role: &Role) -> TagKind {
    match role {
        Role::Heading(level, title) => Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into(),
        Role::Paragraph => Tag::P.into(),
        Role::Figure(alt) => Tag::Figure(Some(alt.clone())).into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
    }
}
