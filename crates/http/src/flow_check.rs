//! The office in which tests of flows are played: the one that lies beside the shipped flows, whatever office this
//! server runs.

use std::sync::OnceLock;
use wenshu_core::{directory::Directory, office_file};

const SAMPLE: &str = include_str!("../../../workflows/sample-office.yaml");

/// The sample office.
pub fn sample_office() -> &'static Directory {
    static OFFICE: OnceLock<Directory> = OnceLock::new();
    OFFICE.get_or_init(|| office_file::read(SAMPLE).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sample_office_has_people() {
        assert!(!super::sample_office().people.is_empty());
    }
}
