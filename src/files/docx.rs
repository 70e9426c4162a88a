//! Whether a ZIP archive is a Word document, by the names of what it holds and not by their order, which
//! differs from one program to the next. Refuses documents with macros.

/// The records of an archive (APPNOTE.TXT 4.3): the first file, an entry of the list, the end of the list.
const FIRST: &[u8] = b"PK\x03\x04";
const ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// The end stands before a comment of at most 65,535 bytes.
const LONGEST_END: usize = 22 + 65_535;

pub(super) fn is_docx(bytes: &[u8]) -> bool {
    let Some(names) = bytes.starts_with(FIRST).then(|| names(bytes)).flatten() else { return false };
    let any = |fits: &dyn Fn(&[u8]) -> bool| names.iter().any(|name| fits(name));
    any(&|name| name == b"[content_types].xml")
        && any(&|name| name.starts_with(b"word/document") && name.ends_with(b".xml"))
        && !any(&|name| name.ends_with(b"vbaproject.bin"))
}

/// The names of the files in an archive, in small letters; `None` when the list is not whole.
fn names(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let tail = &bytes[bytes.len().saturating_sub(LONGEST_END)..];
    let end = tail.windows(END.len()).rposition(|window| window == END)?;
    let end = &tail[end..];
    let (count, start, _comment) = (short(end, 10)?, long(end, 16)?, short(end, 20)?);
    let mut rest = bytes.get(start..)?;
    let mut names = Vec::new();
    for _ in 0..count {
        if !rest.starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (short(rest, 28)?, short(rest, 30)?, short(rest, 32)?);
        names.push(rest.get(46..46 + name)?.to_ascii_lowercase());
        rest = rest.get(46 + name + extra + comment..)?;
    }
    Some(names)
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?).into())
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of empty files with these names, in this order.
    fn archive(names: &[&str]) -> Vec<u8> {
        let (mut files, mut list) = (Vec::new(), Vec::new());
        for name in names {
            let (length, offset) = (u16::try_from(name.len()).unwrap().to_le_bytes(), u32::try_from(files.len()).unwrap());
            files.extend([FIRST, &[0; 22], &length, &[0; 2], name.as_bytes()].concat());
            list.extend([ENTRY, &[0; 24], &length, &[0; 12], &offset.to_le_bytes(), name.as_bytes()].concat());
        }
        let count = u16::try_from(names.len()).unwrap().to_le_bytes();
        let (size, start) = (u32::try_from(list.len()).unwrap(), u32::try_from(files.len()).unwrap());
        [&*files, &list, END, &[0; 4], &count, &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0; 2]].concat()
    }

    #[test]
    fn every_order_of_a_word_document_is_known_and_no_other_archive() {
        for order in [
            &["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml"][..],
            &["[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "docProps/app.xml", "word/document.xml"],
            &["word/numbering.xml", "word/document.xml", "_rels/.rels", "[Content_Types].xml"],
            &["_rels/.rels", "docProps/app.xml", "word/document2.xml", "[Content_Types].xml"],
        ] {
            assert!(is_docx(&archive(order)), "{order:?}");
        }
        for other in [
            &["word/a program.exe"][..],
            &["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"],
            &["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"],
            &[],
        ] {
            assert!(!is_docx(&archive(other)), "{other:?}");
        }
        let whole = archive(&["[Content_Types].xml", "word/document.xml"]);
        for end in 0..whole.len() {
            assert!(!is_docx(&whole[..end]), "cut at {end}");
        }
        let mut wrong = whole;
        let count = wrong.len() - 12;
        wrong[count] = 9;
        assert!(!is_docx(&wrong), "a list that promises more than it holds");
    }
}
