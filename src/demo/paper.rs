//! A small PDF document of one page, for the commitment letters of generated applications.

/// A page with these lines, the first one large.
pub(super) fn pdf(lines: &[String]) -> Vec<u8> {
    let shown: Vec<_> = lines.iter().map(|line| format!("({}) Tj T*", written(line))).collect();
    let (heading, body) = shown.split_at(shown.len().min(1));
    let text = format!("BT\n72 720 Td\n/F1 18 Tf\n22 TL\n{}\n/F1 11 Tf\n17 TL\nT*\n{}\nET", heading.join("\n"), body.join("\n"));
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (en-US) >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let (mut out, mut table) = ("%PDF-1.4\n".to_owned(), vec!["0000000000 65535 f \n".to_owned()]);
    for (object, number) in objects.iter().zip(1..) {
        table.push(format!("{:010} 00000 n \n", out.len()));
        out = format!("{out}{number} 0 obj\n{object}\nendobj\n");
    }
    let (start, count, table) = (out.len(), table.len(), table.concat());
    format!("{out}xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes()
}

/// A line as a PDF string holds it; what is not ASCII becomes a hyphen.
fn written(line: &str) -> String {
    let mut out = String::new();
    for c in line.chars() {
        match c {
            '’' | '‘' => out.push('\''),
            '“' | '”' => out.push('"'),
            '(' | ')' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => out.push('-'),
        }
    }
    out
}
