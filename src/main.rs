//! The robo binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    robo::cli::main()
}
