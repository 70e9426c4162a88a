//! The file of all gifts, read to its end as a browser saves it.
use crate::client::{Request, request_bytes};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came.
pub(crate) struct Exported {
    /// Without the headings.
    pub(crate) rows: u32,
    pub(crate) took: Duration,
}

impl Exported {
    pub(crate) fn per_second(&self) -> f64 {
        f64::from(self.rows) / self.took.as_secs_f64()
    }
}

pub(crate) async fn run(address: &str, cookie: &str) -> Exported {
    let request = Request::get("/staff/gifts.csv").with_cookie(cookie).header("connection", "close");
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let began = Instant::now();
    stream.write_all(&request_bytes(&request, address)).await.expect("the server reads");
    let mut buffer = vec![0; 256 * 1_024];
    let (mut lines, mut last, mut first) = (0, Vec::new(), true);
    loop {
        let read = stream.read(&mut buffer).await.expect("the server answers");
        if read == 0 {
            break;
        }
        let some = &buffer[..read];
        // Rows end in a line feed alone; the frame of the answer ends its lines in both.
        let before = std::iter::once(last.last().copied().unwrap_or_default()).chain(some.iter().copied());
        lines += some.iter().zip(before).filter(|pair| *pair.0 == b'\n' && pair.1 != b'\r').count();
        if std::mem::take(&mut first) {
            assert!(some.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(some));
        }
        last = some[read.saturating_sub(5)..].to_vec();
    }
    let took = began.elapsed();
    assert_eq!(last, b"0\r\n\r\n", "the file came whole");
    Exported { rows: u32::try_from(lines - 1).expect("they can be counted"), took }
}
