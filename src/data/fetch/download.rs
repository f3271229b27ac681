//! One file over HTTP, taken up where it broke off.

use super::remote::Remote;
use super::settings::{FetchProgress, FetchSettings, OnProgress};
use crate::data::error::DataError;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use ureq::http::{HeaderMap, StatusCode, Uri};
use ureq::{Agent, Timeout};

/// Bytes read at a time.
const PIECE: usize = 1 << 16;

/// A way to servers, with its time limits.
pub(super) struct Link {
    agent: Agent,
    connect: Duration,
    silence: Duration,
    retries: usize,
}

/// Why an attempt ended before the file did.
enum Broken {
    /// Worth another attempt.
    Connection(String),
    Final(DataError),
}

impl From<DataError> for Broken {
    fn from(error: DataError) -> Broken {
        Broken::Final(error)
    }
}

impl Link {
    pub(super) fn new(settings: &FetchSettings) -> Link {
        let config = Agent::config_builder()
            .timeout_resolve(Some(settings.connect))
            .timeout_connect(Some(settings.connect))
            .timeout_recv_response(Some(settings.silence))
            .timeout_per_read(Some(settings.silence))
            .http_status_as_error(false)
            .user_agent(concat!("spectra/", env!("CARGO_PKG_VERSION")))
            .build();
        Link {
            agent: config.new_agent(),
            connect: settings.connect,
            silence: settings.silence,
            retries: settings.retries,
        }
    }

    /// Brings `url` to the file `part`, from where that ends. Whether bytes of an earlier download stand
    /// at its beginning.
    pub(super) fn download(
        &self,
        url: &str,
        part: &Path,
        remote: &Remote<'_>,
        progress: OnProgress<'_>,
    ) -> Result<bool, DataError> {
        let mut resumed = length(part) > 0;
        let mut failures = 0;
        loop {
            let before = length(part);
            match self.attempt(url, part, remote, progress) {
                Ok(from_start) => return Ok(resumed && !from_start),
                Err(Broken::Final(error)) => return Err(error),
                Err(Broken::Connection(problem)) => {
                    let after = length(part);
                    // A server that gives only whole files would be asked without end.
                    let gained = after > before;
                    resumed &= after >= before;
                    failures += 1;
                    if !gained || failures > self.retries {
                        let kept = match after {
                            0 => String::new(),
                            bytes => format!("; {bytes} bytes are kept, run again to go on"),
                        };
                        return Err(DataError::Download {
                            url: url.to_owned(),
                            problem: format!("{problem}{kept}"),
                        });
                    }
                }
            }
        }
    }

    /// One request. Whether the server gave the file from its beginning.
    fn attempt(
        &self,
        url: &str,
        part: &Path,
        remote: &Remote<'_>,
        progress: OnProgress<'_>,
    ) -> Result<bool, Broken> {
        let refuse = |problem: String| DataError::Download {
            url: url.to_owned(),
            problem,
        };
        let here = length(part);
        let mut request = self.agent.get(url);
        if is_local(url) {
            request = request.config().proxy(None).build();
        }
        if here > 0 {
            request = request.header(RANGE, format!("bytes={here}-"));
        }
        let answer = request.call().map_err(|error| self.broken(&error))?;
        let status = answer.status();
        let start = match status {
            StatusCode::PARTIAL_CONTENT if range_start(answer.headers()) == Some(here) => here,
            StatusCode::OK => 0,
            // The part is already as long as the file, or is of another file.
            StatusCode::RANGE_NOT_SATISFIABLE if here > 0 => return Ok(false),
            StatusCode::PARTIAL_CONTENT => {
                if here > 0 {
                    std::fs::remove_file(part).map_err(DataError::write(part))?;
                }
                let problem = "the server sent another part of the file than was asked for; run \
                               again to begin anew";
                return Err(refuse(problem.into()).into());
            }
            _ => {
                let problem = format!("the server answers {status}; try another mirror");
                return Err(refuse(problem).into());
            }
        };
        let length = answer.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let total = length.map(|length| length.saturating_add(start));
        let mut done = start;
        if total.is_some_and(|total| total > remote.most()) {
            return Err(refuse(too_long(remote)).into());
        }
        let options = OpenOptions::new().append(true).create(true).open(part);
        let mut file = options.map_err(DataError::write(part))?;
        if start < here {
            truncate(&file, part)?;
        }
        let mut body = answer.into_body().into_reader();
        let mut piece = vec![0; PIECE];
        loop {
            let shown = FetchProgress {
                file: remote.name,
                done,
                total,
            };
            if !progress(shown) {
                return Err(DataError::Interrupted {
                    path: part.to_path_buf(),
                }
                .into());
            }
            let count = match body.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(&ureq::Error::from(error))),
            };
            done += count as u64;
            if done > remote.most() {
                truncate(&file, part)?;
                return Err(refuse(too_long(remote)).into());
            }
            file.write_all(&piece[..count])
                .map_err(DataError::write(part))?;
        }
        if total.is_some_and(|total| done < total) {
            return Err(Broken::Connection("the connection broke off".into()));
        }
        file.sync_all().map_err(DataError::write(part))?;
        Ok(start == 0)
    }

    fn broken(&self, error: &ureq::Error) -> Broken {
        Broken::Connection(match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                let seconds = self.connect.as_secs_f64();
                format!("no connection within {seconds} s; is there a network?")
            }
            ureq::Error::Timeout(_) => {
                let seconds = self.silence.as_secs_f64();
                format!("the server does not answer within {seconds} s")
            }
            ureq::Error::HostNotFound => "the host is not found; is there a network?".into(),
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                "the connection broke off".into()
            }
            other => {
                let said = match other {
                    ureq::Error::Io(error) => error.to_string(),
                    other => other.to_string(),
                };
                let said = crate::weights::escape_within(&said, 200);
                format!("the connection failed ({said})")
            }
        })
    }
}

/// Whether the server is on this machine, where a proxy would not find it.
fn is_local(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host);
    host.is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host))
}

/// Bytes of a file, 0 where there is none.
fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn truncate(file: &File, part: &Path) -> Result<(), DataError> {
    file.set_len(0).map_err(DataError::write(part))
}

fn too_long(remote: &Remote<'_>) -> String {
    let most = remote.most();
    format!(
        "the server offers more than the {most} bytes that the file can have; try another mirror"
    )
}

/// The first byte of `Content-Range: bytes FIRST-LAST/TOTAL`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (first, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    first.trim().parse().ok()
}
