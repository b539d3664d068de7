//! SM3 (GB/T 32905) in lower-case hex: the name of every text, file and manifest.

use sm3::{Digest, Sm3};

/// The SM3 of `bytes`, 64 hex digits.
#[must_use]
pub fn sm3_hex(bytes: &[u8]) -> String {
    Sm3::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(
            super::sm3_hex(b"abc"),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
    }
}
