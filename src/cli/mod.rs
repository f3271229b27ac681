//! One file a command: arguments to library to report.
