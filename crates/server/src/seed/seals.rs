//! The demo's seal register: every seal has an image, made from its organ's name and marked 演示专用.

use wenshu_core::directory::{Seal, Unit};
use wenshu_layout::demo_seal;
use wenshu_office::SealRegister;

/// Seals of the demo. They are pictures and prove nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct DemoSeals;

impl SealRegister for DemoSeals {
    fn image(&self, seal: &Seal, organ: &Unit) -> Option<(Vec<u8>, String)> {
        Some((demo_seal(&organ.name), format!("{}（演示专用）", seal.name)))
    }
}
