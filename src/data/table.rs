//! A file of rows, read for sure: its letters, what separates its cells, its headings, its rows by the number a
//! spreadsheet shows.
//!
//! It refuses letters it does not know, an empty or repeated heading, and more rows than an import holds.
use crate::kernel::{text, words};
use std::{borrow::Cow, collections::HashMap};

words! {
    /// How a file writes its letters.
    pub enum Charset {
        Utf8 = "utf-8", "UTF-8";
        Windows1252 = "windows-1252", "Windows-1252";
    }
}

/// What may stand between cells.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// The most rows of one file.
const MOST_ROWS: usize = 20_000;
/// The most columns.
const MOST_COLUMNS: usize = 100;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub headings: Vec<String>,
    pub rows: Vec<Row>,
}

/// One row: its number in the file and its cells, as many as it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: i64,
    pub cells: Vec<String>,
}

/// Reads a whole file of at most 20,000 rows.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub fn read(bytes: &[u8], charset: Charset) -> Result<Table, String> {
    let text = letters(bytes, charset)?;
    let mut rows = Rows::open(&text)?;
    let headings = rows.headings.clone();
    let rows = rows.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok(Table { headings, rows })
}

/// The beginning of a file: its headings and its first rows, and how many rows it has in all.
///
/// # Errors
/// As [`read`], for every row of the file, of which it may have `most`.
pub(super) fn look(bytes: &[u8], charset: Charset, most: usize) -> Result<(Table, usize), String> {
    let text = letters(bytes, charset)?;
    let mut rows = Rows::open(&text)?.at_most(most);
    let headings = rows.headings.clone();
    let (mut first, mut count) = (Vec::new(), 0);
    for row in rows.by_ref() {
        let row = row?;
        count += 1;
        if first.len() < FIRST {
            first.push(row);
        }
    }
    Ok((Table { headings, rows: first }, count))
}

/// Rows that are shown of a file.
const FIRST: usize = 20;

/// The rows of a file, one after another.
pub(super) struct Rows<'a> {
    pub(super) headings: Vec<String>,
    reader: csv::Reader<&'a [u8]>,
    record: csv::StringRecord,
    number: i64,
    count: usize,
    most: usize,
}

impl<'a> Rows<'a> {
    /// Reads the headings; refuses a file without any row.
    pub(super) fn open(text: &'a str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("This file is empty. Choose one with a row of headings and a row for each record".to_owned());
        }
        let reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator(text)).from_reader(text.as_bytes());
        let record = csv::StringRecord::new();
        let mut rows = Self { headings: Vec::new(), reader, record, number: 0, count: 0, most: MOST_ROWS };
        let Some(first) = rows.following()? else {
            return Err("This file has no headings. Write in its first row what each column holds".to_owned());
        };
        rows.headings = first.cells.iter().map(|cell| text::line(cell)).collect();
        check(&rows.headings)?;
        Ok(rows)
    }

    /// The same with another limit.
    pub(super) fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// The next row that is not empty.
    fn following(&mut self) -> Result<Option<Row>, String> {
        loop {
            let began = self.reader.position().line();
            match self.reader.read_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => return Err(format!("Row {} can’t be read: {error}", self.number + 1)),
            }
            // Empty lines are passed over by the reader and still are rows to a spreadsheet; a line end within a
            // cell is none.
            let within: usize = self.record.iter().map(|cell| cell.matches('\n').count()).sum();
            let lines = self.reader.position().line().saturating_sub(began);
            let skipped = lines.saturating_sub(1).saturating_sub(within as u64);
            self.number += 1 + i64::try_from(skipped).unwrap_or_default();
            let cells: Vec<String> = self.record.iter().map(|cell| text::lines(as_written(cell))).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(Row { number: self.number, cells }));
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.following() {
            Ok(Some(row)) => row,
            Ok(None) if self.count == 0 => {
                self.count = 1;
                return Some(Err("This file has headings and no rows. There is nothing to import".to_owned()));
            }
            Ok(None) => return None,
            Err(reason) => return Some(Err(reason)),
        };
        self.count += 1;
        if self.count > self.most {
            let most = text::number(i64::try_from(self.most).unwrap_or_default());
            return Some(Err(format!("This file has more than {most} rows. Cut it into several files")));
        }
        Some(Ok(row))
    }
}

/// Without the apostrophe that keeps a spreadsheet from running a cell, as our own files have it.
fn as_written(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(cell)
}

fn check(headings: &[String]) -> Result<(), String> {
    if headings.len() > MOST_COLUMNS {
        return Err(format!("This file has more than {MOST_COLUMNS} columns. Take away those that are not needed"));
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, heading) in (1..).zip(headings) {
        if heading.is_empty() {
            return Err(format!("Column {at} has no heading. Write in the first row what it holds, or take the column away"));
        }
        if let Some(first) = seen.insert(text::fold(heading), at) {
            return Err(format!("Columns {first} and {at} have the same heading “{heading}”. Give each its own"));
        }
    }
    Ok(())
}

/// The letters of a file, each line ended by `\n`. A byte order mark is taken off.
pub(super) fn letters(bytes: &[u8], charset: Charset) -> Result<Cow<'_, str>, String> {
    let text = decoded(bytes, charset)?;
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text };
    Ok(if text.ends_with('\n') { text } else { Cow::Owned(text.into_owned() + "\n") })
}

fn decoded(bytes: &[u8], charset: Charset) -> Result<Cow<'_, str>, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("This file’s letters are in UTF-16. Save it as “CSV UTF-8” and choose it again".to_owned());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err("This is a workbook and not a CSV file. Save its sheet as “CSV UTF-8” and choose that".to_owned());
    }
    if bytes.contains(&0) {
        return Err("This is not a CSV file, whatever its name says. Save the table as “CSV UTF-8”".to_owned());
    }
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf");
    match (charset, std::str::from_utf8(plain.unwrap_or(bytes))) {
        (Charset::Utf8, Ok(text)) => Ok(Cow::Borrowed(text)),
        (Charset::Utf8, Err(error)) => {
            let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            Err(format!(
                "This file’s letters are not in UTF-8: line {line} has a byte that is none. Save it as “CSV UTF-8”, or choose Windows-1252 if an older Excel on Windows wrote it"
            ))
        }
        (Charset::Windows1252, _) if plain.is_some() => Err("This file says itself that it is in UTF-8. Choose UTF-8".to_owned()),
        (Charset::Windows1252, _) => Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

/// The WHATWG Encoding Standard's index; bytes without a letter stay control characters, which are taken out.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“',
        '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    if (0x80..0xa0).contains(&byte) { HIGH[usize::from(byte - 0x80)] } else { char::from(byte) }
}

/// What stands between the cells: as often in the second row as among the headings, if that tells; else what
/// stands there most often.
fn separator(text: &str) -> u8 {
    let (mut counts, mut row) = ([[0_usize; 2]; 3], 0);
    let mut quoted = false;
    for byte in text.trim_start_matches('\n').bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && row == 1 => break,
            b'\n' if !quoted => row = 1,
            _ if quoted => {}
            _ => {
                if let Some(at) = SEPARATORS.iter().position(|separator| *separator == byte) {
                    counts[at][row] += 1;
                }
            }
        }
    }
    let best = SEPARATORS.iter().zip(counts).rev().max_by_key(|(_, [first, second])| (*first > 0 && first == second, *first));
    best.map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(text: &str) -> Result<Table, String> {
        read(text.as_bytes(), Charset::Utf8)
    }

    #[test]
    fn a_row_has_the_number_that_a_spreadsheet_shows() {
        let table = utf8("\u{feff}Name,Note\r\nA,\"two\r\nlines\"\r\n\r\nB,x\r\n,\r\n\r\n\r\nC,y").unwrap();
        assert_eq!(table.headings, ["Name", "Note"]);
        let rows: Vec<_> = table.rows.iter().map(|r| (r.number, r.cells[0].as_str())).collect();
        assert_eq!(rows, [(2, "A"), (4, "B"), (8, "C")]);
        assert_eq!(table.rows[0].cells[1], "two\nlines");
    }

    #[test]
    fn commas_semicolons_and_tabs_are_found_out() {
        for text in ["Name,\"Street; and, more\"\nA,1", "Name;Street; and, more\nA;1", "Name\tStreet, of\nA\t1"] {
            assert_eq!(utf8(text).unwrap().rows[0].cells[..2], ["A", "1"], "{text}");
        }
        assert_eq!(utf8("Name\nA").unwrap().rows.len(), 1);
    }

    #[test]
    fn what_is_not_sure_is_refused_in_words() {
        for (text, words) in [
            ("", "empty"),
            ("Name\n", "no rows"),
            ("Name,,City\nA,b,c", "Column 2 has no heading"),
            ("Name,City,name\nA,b,c", "Columns 1 and 3 have the same heading “name”"),
        ] {
            let refused = utf8(text).unwrap_err();
            assert!(refused.contains(words), "{text:?}: {refused}");
        }
        let latin = b"Name\nSoci\xe9t\xe9 \x80";
        assert!(read(latin, Charset::Utf8).unwrap_err().contains("line 2"));
        assert_eq!(read(latin, Charset::Windows1252).unwrap().rows[0].cells, ["Société €"]);
        assert!(read("\u{feff}Name\nA".as_bytes(), Charset::Windows1252).unwrap_err().contains("UTF-8"));
        assert!(read(b"\xff\xfeN\0", Charset::Utf8).unwrap_err().contains("UTF-16"));
        assert!(read(b"PK\x03\x04rest", Charset::Utf8).unwrap_err().contains("workbook"));
    }
}
