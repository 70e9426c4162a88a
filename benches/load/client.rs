//! A plain HTTP/1.1 client that keeps its connection: little enough to leave the machine to the server.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of a bench are far from the ends of their types"
)]
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One request, ready to send.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), headers: String::new(), body: Vec::new() }
    }

    pub(crate) fn post(path: &str, content_type: &str, body: Vec<u8>) -> Self {
        Self { method: "POST", path: path.to_owned(), headers: format!("content-type: {content_type}\r\n"), body }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// Asks as a browser does.
    pub(crate) fn compressed(self) -> Self {
        self.header("accept-encoding", "gzip, br")
    }

    pub(crate) fn with_cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        let mut bytes = format!(
            "{} {} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n{}\r\n",
            self.method,
            self.path,
            self.body.len(),
            self.headers
        )
        .into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Measured {
    /// Of each answer, in microseconds.
    times: Vec<u32>,
    pub(crate) refused: usize,
    seconds: f64,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    /// In milliseconds; the times are in order.
    pub(crate) fn quantile(&self, q: f64) -> f64 {
        if self.times.is_empty() {
            return f64::NAN;
        }
        let at = ((self.times.len() - 1) as f64 * q).round() as usize;
        f64::from(self.times[at]) / 1_000.0
    }

    pub(crate) fn of(mut times: Vec<u32>, refused: usize, took: Duration) -> Self {
        times.sort_unstable();
        Self { times, refused, seconds: took.as_secs_f64() }
    }
}

/// One connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the last answer's body begins.
    head: usize,
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket can be told so");
        Self { stream, buffer: Vec::with_capacity(64 * 1024), head: 0 }
    }

    /// Sends and reads the whole answer; gives its status. Reads no more of it than it must: the clients share
    /// the machine with what they measure.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).await.expect("the server reads");
        self.buffer.clear();
        self.head = 0;
        while self.head == 0 {
            self.more().await;
            self.head = find(&self.buffer, b"\r\n\r\n").map_or(0, |at| at + 4);
        }
        let head = &self.buffer[..self.head];
        let status = std::str::from_utf8(&head[9..12]).ok().and_then(|s| s.parse().ok()).expect("a status");
        if let Some(at) = find(head, b"content-length: ") {
            let digits = head[at + 16..].iter().take_while(|b| b.is_ascii_digit());
            let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
            while self.buffer.len() < self.head + length {
                self.more().await;
            }
        } else if find(head, b"transfer-encoding: chunked").is_some() {
            while !self.buffer.ends_with(b"0\r\n\r\n") {
                self.more().await;
            }
        }
        status
    }

    pub(crate) fn head(&self) -> String {
        String::from_utf8_lossy(&self.buffer[..self.head]).into_owned()
    }

    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.buffer[self.head..]).into_owned()
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the server answers");
        assert!(read > 0, "the server hung up");
    }
}

/// Asks by `clients` connections at once, in turn what `requests` holds, after a short warm-up.
pub(crate) async fn run(address: &str, requests: &[Request], clients: usize, time: Duration) -> Measured {
    let bytes: Vec<Vec<u8>> = requests.iter().map(|r| r.bytes(address)).collect();
    let warm = Instant::now() + Duration::from_secs(1);
    let (begin, end) = (warm, warm + time);
    let tasks: Vec<_> = (0..clients)
        .map(|first| {
            let (address, bytes) = (address.to_owned(), bytes.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(&address).await;
                let (mut times, mut refused, mut turn) = (Vec::with_capacity(100_000), 0, first);
                loop {
                    let asked = Instant::now();
                    if asked >= end {
                        return (times, refused);
                    }
                    let status = connection.ask(&bytes[turn % bytes.len()]).await;
                    turn += 1;
                    if asked >= begin {
                        times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                        refused += usize::from(status != 200);
                    }
                }
            })
        })
        .collect();
    let (mut times, mut refused) = (Vec::new(), 0);
    for task in tasks {
        let (own, not) = task.await.expect("a client does not break");
        times.extend(own);
        refused += not;
    }
    Measured::of(times, refused, time)
}

pub(crate) fn request_bytes(request: &Request, host: &str) -> Vec<u8> {
    request.bytes(host)
}
