//! Uploaded files: outside the web root, under random names, read by nobody but the program.
mod docx;

use crate::kernel::{digest, hex};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::{fs, io::AsyncWriteExt};

/// A folder of files whose names say nothing.
#[derive(Debug, Clone)]
pub struct Files {
    dir: PathBuf,
}

/// What an uploaded file is, told by its content and not by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    Png,
    Jpeg,
    Docx,
}

impl Kind {
    /// `None` for anything that is not one of the kinds we take, however it is named.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if docx::is_docx(bytes) {
            return Some(Self::Docx);
        }
        match infer::get(bytes)?.mime_type() {
            "application/pdf" => Some(Self::Pdf),
            "image/png" => Some(Self::Png),
            "image/jpeg" => Some(Self::Jpeg),
            _ => None,
        }
    }

    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Docx => "docx",
        }
    }
}

impl Files {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Stores the bytes and gives the name to ask for them again. On disk before it returns; written
    /// under another name first, so a crash leaves no half file under a name that is asked for.
    pub async fn put(&self, bytes: &[u8]) -> io::Result<String> {
        let name = hex(&rand::random::<[u8; 16]>());
        fs::create_dir_all(&self.dir).await?;
        let draft = self.dir.join(format!("{name}.part"));
        let mut file = fs::File::create(&draft).await?;
        let written = async {
            file.write_all(bytes).await?;
            file.sync_all().await?;
            fs::rename(&draft, self.dir.join(&name)).await
        }
        .await;
        if written.is_err() {
            // Best effort: what matters is that the caller hears of the failure.
            let _ = fs::remove_file(&draft).await;
        }
        written.map(|()| name)
    }

    /// The bytes stored under a name that [`Files::put`] gave.
    pub async fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(name)?).await
    }

    /// Takes away what is stored under a name; gone already is as good.
    pub async fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)?).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        if name.len() != 32 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(self.dir.join(name))
    }
}

/// A fingerprint of some bytes, to see whether a stored file is still what it was.
pub fn fingerprint(bytes: &[u8]) -> String {
    digest(&hex(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_kind_and_not_the_name() {
        assert_eq!(Kind::of(b"%PDF-1.7 ..."), Some(Kind::Pdf));
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1a\n...."), Some(Kind::Png));
        assert_eq!(Kind::of(b"\xff\xd8\xff\xe0...."), Some(Kind::Jpeg));
        for other in [&b""[..], b"<html><script>", b"MZ\x90\0", b"PK\x03\x04plain zip", b"GIF89a"] {
            assert_eq!(Kind::of(other), None);
        }
    }
}
