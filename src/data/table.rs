//! A file of rows, read for sure: its letters, what separates its cells, its headings, its rows by the number a
//! spreadsheet shows.
//!
//! It refuses letters it does not know, an empty or repeated heading, and more rows than an import holds.
use crate::kernel::{text, words};
use std::collections::HashMap;

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

/// Reads a whole file.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub fn read(bytes: &[u8], charset: Charset) -> Result<Table, String> {
    let text = letters(bytes, charset)?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.trim().is_empty() {
        return Err("This file is empty. Choose one with a row of headings and a row for each record".to_owned());
    }
    let text = if text.ends_with('\n') { text } else { format!("{text}\n") };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator(&text)).from_reader(text.as_bytes());
    let (mut rows, mut number, mut record) = (Vec::new(), 0, csv::StringRecord::new());
    loop {
        let began = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(format!("Row {} can’t be read: {error}", number + 1)),
        }
        // Empty lines are passed over by the reader and still are rows to a spreadsheet; a line end within a
        // cell is none.
        let within: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        let lines = reader.position().line().saturating_sub(began);
        let skipped = lines.saturating_sub(1).saturating_sub(within as u64);
        number += 1 + i64::try_from(skipped).unwrap_or_default();
        let cells: Vec<String> = record.iter().map(|cell| text::lines(as_written(cell))).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row { number, cells });
        }
        if rows.len() > MOST_ROWS + 1 {
            return Err(format!(
                "This file has more than {} rows. Cut it into several files",
                text::number(i64::try_from(MOST_ROWS).unwrap_or_default())
            ));
        }
    }
    if rows.is_empty() {
        return Err("This file has no headings. Write in its first row what each column holds".to_owned());
    }
    let headings: Vec<String> = rows.remove(0).cells.iter().map(|cell| text::line(cell)).collect();
    check(&headings)?;
    if rows.is_empty() {
        return Err("This file has headings and no rows. There is nothing to import".to_owned());
    }
    Ok(Table { headings, rows })
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

/// The letters of a file. A byte order mark is taken off.
fn letters(bytes: &[u8], charset: Charset) -> Result<String, String> {
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
        (Charset::Utf8, Ok(text)) => Ok(text.to_owned()),
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
