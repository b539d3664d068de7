//! Passwords and tokens: argon2 for what people remember, SM3 of random bytes for what browsers keep.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use rand::{TryRngCore, rngs::OsRng};
use sm3::{Digest, Sm3};

/// Hashes a password for keeping. Takes about 30 ms: not for an async thread.
pub(crate) fn keep(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

/// Whether `password` is the one kept. An unknown account is compared with a hash of its own, so that it takes
/// as long as a known one.
pub(crate) fn fits(password: &str, kept: Option<&str>) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$d2Vuc2h1LW5vYm9keQ$nKAhzBFvrmEHPVqzBVpVuhWsQB2T0SWEW0Y0Rz3MpKs";
    let known = kept.is_some();
    let Ok(hash) = PasswordHash::new(kept.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known
}

/// A new secret token, 256 bits in hex.
pub(crate) fn token() -> Result<String, rand::rand_core::OsError> {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A password that serves once: 80 bits in letters and digits that are not mistaken for each other.
pub(crate) fn one_time() -> Result<String, rand::rand_core::OsError> {
    let mut bytes = [0_u8; 16];
    OsRng.try_fill_bytes(&mut bytes)?;
    Ok(signs(&bytes))
}

/// A password that serves once, made of what only its asker knows and what only we keep: the asker can be given the
/// same again, and neither part alone gives it to anybody.
pub(crate) fn one_time_of(asked: &str, kept: &str, login: &str) -> String {
    let made = Sm3::digest(format!("one-time\n{kept}\n{login}\n{asked}").as_bytes());
    signs(made.get(..16).unwrap_or_default())
}

fn signs(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).map(|sign| char::from(*sign));
    bytes.iter().filter_map(sign).collect()
}

/// What is stored of a token: a leaked table opens no session.
pub(crate) fn hashed(token: &str) -> String {
    hex(&Sm3::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_only_itself_and_never_a_stranger() {
        let kept = keep("wenshu-demo").expect("argon2 works");
        assert!(fits("wenshu-demo", Some(&kept)));
        assert!(!fits("wenshu-dem0", Some(&kept)));
        assert!(!fits("wenshu-demo", None));
        assert!(!kept.contains("wenshu-demo"));
    }

    #[test]
    fn the_same_request_is_given_the_same_password_and_no_other_is() {
        let one = one_time_of("asked", "kept", "sun-li");
        assert_eq!(one, one_time_of("asked", "kept", "sun-li"));
        assert_eq!(one.len(), 16);
        for (asked, kept, login) in
            [("other", "kept", "sun-li"), ("asked", "other", "sun-li"), ("asked", "kept", "other")]
        {
            assert_ne!(one, one_time_of(asked, kept, login));
        }
    }
}
