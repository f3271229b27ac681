//! A server on this machine that fails on purpose.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with one request after another; the last of them again and again.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// What is asked for, from where it is asked for.
    Range,
    /// The whole file whatever is asked for.
    Whole,
    /// So many bytes of what is asked for, and then the end of the connection.
    Cut(usize),
    /// So many bytes of the whole file, and then the end of the connection.
    WholeCut(usize),
    /// A part that begins a byte after what is asked for.
    Shifted,
    /// A status and a page.
    Status(u16),
    /// Nothing, after so many bytes.
    Stall(usize),
    /// A length of 2⁵⁰ bytes.
    Endless,
}

pub struct Server {
    pub url: String,
    /// The first byte that each request asked for.
    pub asked: Arc<Mutex<Vec<usize>>>,
}

pub fn serve(file: Vec<u8>, answers: &[Answer]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/set/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (log, answers) = (Arc::clone(&asked), answers.to_vec());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let start = range(stream.as_ref().unwrap());
            let turn = {
                let mut log = log.lock().unwrap();
                log.push(start.unwrap_or(0));
                log.len() - 1
            };
            let answer = answers[turn.min(answers.len() - 1)];
            let file = file.clone();
            std::thread::spawn(move || give(stream.unwrap(), &file, start, answer));
        }
    });
    Server { url, asked }
}

/// Reads a request; the first byte it asks for.
fn range(stream: &TcpStream) -> Option<usize> {
    let mut start = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap_or_default().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().ok();
        }
    }
    start
}

/// A client that is gone is no matter.
fn give(mut stream: TcpStream, file: &[u8], start: Option<usize>, answer: Answer) {
    let partial = start.filter(|_| !matches!(answer, Answer::Whole | Answer::WholeCut(_)));
    if partial.is_some_and(|start| start >= file.len()) {
        let _ =
            stream.write_all(b"HTTP/1.1 416 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    let body = &file[partial.unwrap_or(0)..];
    let (status, length, sent) = match answer {
        Answer::Status(status) => (status, 5, &b"<html"[..]),
        Answer::Endless => (200, 1 << 50, body),
        Answer::Cut(count) | Answer::WholeCut(count) | Answer::Stall(count) => {
            (200, body.len(), &body[..count.min(body.len())])
        }
        Answer::Range | Answer::Whole | Answer::Shifted => (200, body.len(), body),
    };
    let head = match partial {
        Some(start) if status == 200 => format!(
            "206 Partial\r\nContent-Range: bytes {}-{}/{}",
            start + usize::from(matches!(answer, Answer::Shifted)),
            file.len() - 1,
            file.len()
        ),
        _ => format!("{status} Said"),
    };
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(sent);
    if let Answer::Stall(_) = answer {
        std::thread::sleep(Duration::from_secs(20));
    }
}
