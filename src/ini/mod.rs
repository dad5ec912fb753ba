//! A lossless INI document: any bytes in, the same bytes out; an edit touches only its own lines.
//!
//! ```
//! use robo::ini::Document;
//!
//! let text = b"; mine\r\n[profile dev]\r\nregion=eu-west-1   \r\ns3 =\r\n  max_queue_size = 5\r\n";
//! let document = Document::parse(text.to_vec());
//! assert_eq!(document.to_bytes(), text);
//!
//! let mut edit = document.edit();
//! edit.set_value(1, 0, "us-east-1", &[]);
//! let edited = String::from_utf8(edit.finish()).unwrap();
//! assert_eq!(edited, "; mine\r\n[profile dev]\r\nregion=us-east-1\r\ns3 =\r\n  max_queue_size = 5\r\n");
//! ```
//!
//! The grammar is the one that Python's `configparser` reads with its default settings, since that
//! is the strictest reader of `~/.aws/config` (botocore, the AWS CLI): whole-line comments by `#`
//! and `;`, keys up to the first `=` or `:`, indented lines continue the property above. Lines that
//! it raises an error on are kept as they are and told as [`Fault`]s.
//!
//! # Limitations
//!
//! * Section names are the text between the brackets; what they mean is the caller's business, and
//!   so are two sections of one name.
//! * An indented comment below a property counts as a line of that property: `configparser` skips
//!   it, the AWS SDKs do not.

mod debris;
mod document;
mod edit;
mod line;
mod output;
mod parse;

pub use document::{Document, Property, Section};
pub use edit::Edit;
pub use line::{Fault, FaultKind};
pub use parse::odd_ends;
