//! Letters: three faces, the glyphs of a line, and where a text breaks into lines.
use super::{Face, Ink, PdfError, Style};
use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::UnicodeBuffer;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Linux Libertine (SIL Open Font License 1.1): Latin, Greek, Cyrillic and Hebrew letters.
const REGULAR: &[u8] = include_bytes!("../../static/fonts/LinLibertine_R.otf");
const ITALIC: &[u8] = include_bytes!("../../static/fonts/LinLibertine_RI.otf");
const BOLD: &[u8] = include_bytes!("../../static/fonts/LinLibertine_RB.otf");

impl Face {
    pub(super) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Italic => ITALIC,
            Self::Bold => BOLD,
        }
    }

    fn shaper(self) -> &'static rustybuzz::Face<'static> {
        static FACES: LazyLock<[rustybuzz::Face<'static>; 3]> = LazyLock::new(|| {
            [REGULAR, ITALIC, BOLD].map(|bytes| rustybuzz::Face::from_slice(bytes, 0).expect("the fonts are whole"))
        });
        &FACES[match self {
            Self::Regular => 0,
            Self::Italic => 1,
            Self::Bold => 2,
        }]
    }
}

/// One line, ready to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) ink: Ink,
    pub(super) width: f32,
}

/// From one baseline to the next, in sizes.
pub(super) const LEADING: f32 = 1.3;

/// A text as lines no wider than `width` points. Breaks stand at spaces; a word wider than a line is cut.
pub(super) fn lines(text: &str, style: Style, width: f32) -> Result<Vec<Line>, PdfError> {
    let text: String = text.nfc().collect();
    let mut done = Vec::new();
    let mut current = String::new();
    for word in text.split_whitespace() {
        let longer = if current.is_empty() { word.to_owned() } else { format!("{current} {word}") };
        if line(&longer, style)?.width <= width {
            current = longer;
            continue;
        }
        if !current.is_empty() {
            done.push(line(&current, style)?);
        }
        current = cut(word, style, width, &mut done)?;
    }
    if !current.is_empty() {
        done.push(line(&current, style)?);
    }
    Ok(done)
}

/// Cuts what is wider than a line, and gives back what is left of the word.
fn cut(word: &str, style: Style, width: f32, done: &mut Vec<Line>) -> Result<String, PdfError> {
    let mut part = String::new();
    for letter in word.chars() {
        part.push(letter);
        if part.chars().count() > 1 && line(&part, style)?.width > width {
            part.pop();
            done.push(line(&part, style)?);
            part = letter.to_string();
        }
    }
    Ok(part)
}

#[expect(clippy::cast_precision_loss, reason = "font units are small")]
pub(super) fn line(text: &str, style: Style) -> Result<Line, PdfError> {
    let face = style.face.shaper();
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    let shaped = rustybuzz::shape(face, &[], buffer);
    let per_em = face.units_per_em() as f32;
    let infos = shaped.glyph_infos();
    let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut glyphs = Vec::with_capacity(infos.len());
    let mut width = 0.0;
    for (info, position) in infos.iter().zip(shaped.glyph_positions()) {
        let start = info.cluster as usize;
        if info.glyph_id == 0 {
            return Err(PdfError::Letter(text[start..].chars().next().unwrap_or('?')));
        }
        let end = starts.iter().copied().find(|s| *s > start).unwrap_or(text.len());
        let part = |units: i32| units as f32 / per_em;
        width += part(position.x_advance) * style.size;
        glyphs.push(KrillaGlyph::new(
            GlyphId::new(info.glyph_id),
            part(position.x_advance),
            part(position.x_offset),
            part(position.y_offset),
            part(position.y_advance),
            start..end,
            None,
        ));
    }
    Ok(Line { text: text.to_owned(), glyphs, face: style.face, size: style.size, ink: style.ink, width })
}
