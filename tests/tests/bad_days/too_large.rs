//! Too much at once: large files, endless texts, bytes that are no text, and files that claim to be small.

use crate::on_both;

on_both! {
    fifty_megabytes_are_streamed_and_more_than_a_hundred_refused
    half_a_million_characters_and_broken_bytes_leave_the_draft
    a_zip_bomb_is_kept_as_it_is_and_never_inflated
    a_table_that_inflates_without_end_is_given_up_at_two_hundred_megabytes
}

mod played {
    use crate::waiting::{copy, draft, prepare};
    use anyhow::{Context, Result, ensure};
    use reqwest::Method;
    use serde_json::json;
    use std::path::Path;
    use wenshu_testkit::{Backend, TestOffice};
    use wenshu_tests::{Body, Program};

    const MEGABYTE: usize = 1 << 20;

    async fn office(backend: Backend) -> Result<(TestOffice, Program)> {
        let office = TestOffice::new(backend).await?;
        prepare(&office).await?;
        let program = Program::start(&office.place).await?;
        Ok((office, program))
    }

    /// Bytes that no two places of a file share.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x2545_f491_u32;
        let step = |_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        };
        (0..length).map(step).collect()
    }

    pub async fn fifty_megabytes_are_streamed_and_more_than_a_hundred_refused(
        backend: Backend,
    ) -> Result<()> {
        let (office, program) = office(backend).await?;
        let clerk = program.desk("lin-xiao");
        let case = draft(&clerk, "关于附件的通知").await?;
        let path = format!("/cases/{case}/attachments");
        let before = program.most_memory()?;

        let content = noise(50 * MEGABYTE);
        let file = Body::File("航拍.bin".into(), content.clone());
        let kept = clerk.ask(Method::POST, &path, file, None).await?.json()?;
        ensure!(kept["size"] == content.len(), "{kept}");
        let at = format!("{path}/{}", kept["id"].as_str().context("an id")?);
        ensure!(clerk.get(&at).await?.bytes == content, "it comes back as it was");

        // One byte too many, and far too many: refused before all was sent, and heard all the same.
        for extra in [1, 60 * MEGABYTE] {
            let huge = Body::File("太大.bin".into(), vec![7; 100 * MEGABYTE + extra]);
            let refused = clerk.ask(Method::POST, &path, huge, None).await?;
            let problem = refused.refused(413, "too_large")?;
            ensure!(problem["detail"].to_string().contains("100 MB"), "{problem}");
        }
        let view = clerk.case(&case).await?;
        let files = view["document"].to_string().matches("太大.bin").count();
        ensure!(files == 0, "what was refused is not listed: {}", view["document"]);
        ensure!(left_over(office.place.directory.path())? == 0, "nothing stays of it");
        let most = program.most_memory()?;
        ensure!(most < 300 && most < before + 120, "{before} MB before, {most} MB at most");
        Ok(())
    }

    /// Parts of uploads that lie in the store.
    fn left_over(place: &Path) -> Result<usize> {
        let parts = place.join("objects/part");
        Ok(if parts.exists() { std::fs::read_dir(parts)?.count() } else { 0 })
    }

    pub async fn half_a_million_characters_and_broken_bytes_leave_the_draft(
        backend: Backend,
    ) -> Result<()> {
        let (_office, program) = office(backend).await?;
        let clerk = program.desk("lin-xiao");
        let case = draft(&clerk, "关于篇幅的通知").await?;
        let path = format!("/cases/{case}/working");
        let base = clerk.case(&case).await?["document"]["version"].clone();
        clerk.put(&path, &copy("请遵照执行。", &base)).await?.done()?;
        let before = clerk.case(&case).await?["document"]["working"].clone();
        ensure!(before["body"].to_string().contains("请遵照执行。"), "{before}");

        // In Chinese it is more than a request may hold, in Latin letters more than a document may.
        for character in ["长", "x"] {
            let endless = copy(&character.repeat(500_000), &base);
            let problem = clerk.put(&path, &endless).await?.refused(413, "too_large")?;
            ensure!(!problem["facts"]["limit"].is_null(), "{problem}");
        }
        let mut broken = copy("文", &base).to_string().into_bytes();
        let at = broken.windows(3).position(|bytes| bytes == "文".as_bytes()).context("there")?;
        broken[at] = 0xff;
        let broken = Body::Raw("application/json", broken);
        let problem = clerk.ask(Method::PUT, &path, broken, None).await?.refused(400, "invalid")?;
        ensure!(problem["facts"]["at"] == at, "told where: {problem}");
        let form = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\xff\xfe.txt\"\r\n\r\n\xff\r\n--x--\r\n";
        let upload = Body::Raw("multipart/form-data; boundary=x", form.to_vec());
        let path = format!("/cases/{case}/attachments");
        let reply = clerk.ask(Method::POST, &path, upload, None).await?;
        ensure!(reply.status.is_success() || reply.status == 400, "{}", reply.text());
        let reply = clerk.ask(Method::GET, "/search?q=%FF%FE", Body::Nothing, None).await?;
        ensure!(reply.status.is_success() || reply.status == 400, "{}", reply.text());

        let after = clerk.case(&case).await?["document"]["working"].clone();
        ensure!(after == before, "the draft is as it was: {after}");
        Ok(())
    }

    pub async fn a_zip_bomb_is_kept_as_it_is_and_never_inflated(backend: Backend) -> Result<()> {
        let (_office, program) = office(backend).await?;
        let clerk = program.desk("lin-xiao");
        let case = draft(&clerk, "关于压缩的通知").await?;
        let path = format!("/cases/{case}/attachments");
        // A gigabyte of nothing, told truly, and told as a thousand bytes.
        for (name, told) in [("如实.docx", 1 << 30), ("谎报.docx", 1000)] {
            let bomb = bomb(1 << 30, told);
            ensure!(bomb.len() < 8 * MEGABYTE, "it is small: {}", bomb.len());
            let file = Body::File(name.into(), bomb.clone());
            let reply = clerk.ask(Method::POST, &path, file, None).await?;
            if reply.status.is_success() {
                let kept = reply.json()?;
                let at = format!("{path}/{}", kept["id"].as_str().context("an id")?);
                let back = clerk.get(&at).await?;
                ensure!(back.bytes == bomb, "it comes back as it was");
                let how = back.headers["content-disposition"].to_str()?;
                ensure!(how.starts_with("attachment"), "to be saved: {how}");
            } else {
                ensure!(matches!(reply.status.as_u16(), 413 | 422), "{}", reply.text());
            }
        }
        let working = copy("请遵照执行。", &json!(1));
        clerk.put(&format!("/cases/{case}/working"), &working).await?.done()?;
        clerk.approve(&case, "").await?;
        let most = program.most_memory()?;
        ensure!(most < 300, "the import took {most} MB");
        Ok(())
    }

    pub async fn a_table_that_inflates_without_end_is_given_up_at_two_hundred_megabytes(
        backend: Backend,
    ) -> Result<()> {
        let (_office, program) = office(backend).await?;
        let desk = program.desk("shi-jian");
        desk.sign_in().await?;
        // Half a gigabyte of empty elements, told truly, and told as a thousand bytes; and of one text without a tag.
        let element = format!("<x/>{}", " ".repeat(PERIOD - 4));
        for (name, piece, told) in [
            ("如实.xlsx", element.as_bytes(), 1 << 29),
            ("谎报.xlsx", element.as_bytes(), 1000),
            ("长文.xlsx", &[b'a'; PERIOD], 1000),
        ] {
            let bomb = table(&repeated(piece, 1 << 29), told);
            ensure!(bomb.len() < 9 * MEGABYTE, "it is small: {}", bomb.len());
            let file = Body::File(name.into(), bomb);
            let reply = desk.ask(Method::POST, "/admin/directory/import", file, None).await?;
            let problem = reply.refused(422, "invalid")?;
            ensure!(problem["detail"].to_string().contains("解压后太大"), "{problem}");
        }
        // A table within the limits is still read.
        let sheet = "<worksheet><sheetData><row><c t=\"str\"><v>人员编号</v></c><c t=\"str\"><v>姓名</v></c></row>\
            <row><c t=\"str\"><v>bai-lu</v></c><c t=\"str\"><v>白鹭</v></c></row></sheetData></worksheet>";
        let fine = archive(&[
            ("xl/workbook.xml", Part::Plain(BOOK)),
            ("xl/_rels/workbook.xml.rels", Part::Plain(RELATIONS)),
            ("xl/worksheets/sheet1.xml", Part::Plain(sheet)),
        ]);
        let file = Body::File("人员.xlsx".into(), fine);
        let report = desk.ask(Method::POST, "/admin/directory/import", file, None).await?.json()?;
        ensure!(report["new"] == 1 && report["refused"] == 0, "{report}");
        let most = program.most_memory()?;
        ensure!(most < 300, "the import took {most} MB");
        Ok(())
    }

    const BOOK: &str =
        "<workbook xmlns:r='r'><sheets><sheet name='人员' r:id='a'/></sheets></workbook>";
    const RELATIONS: &str =
        "<Relationships><Relationship Id='a' Target='worksheets/sheet1.xml'/></Relationships>";

    /// A workbook of one sheet, which is packed already and says that it holds `told`.
    fn table(sheet: &[u8], told: u32) -> Vec<u8> {
        archive(&[
            ("xl/workbook.xml", Part::Plain(BOOK)),
            ("xl/_rels/workbook.xml.rels", Part::Plain(RELATIONS)),
            ("xl/worksheets/sheet1.xml", Part::Packed(sheet, told)),
        ])
    }

    /// A part of an archive.
    enum Part<'a> {
        Plain(&'a str),
        /// Deflated, and how long it says it is.
        Packed(&'a [u8], u32),
    }

    fn archive(parts: &[(&str, Part<'_>)]) -> Vec<u8> {
        let (mut bytes, mut central) = (vec![], vec![]);
        for (name, part) in parts {
            let (content, method, told) = match part {
                Part::Plain(text) => (text.as_bytes(), 0_u16, u32::try_from(text.len())),
                Part::Packed(packed, told) => (*packed, 8, Ok(*told)),
            };
            let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
            let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
            // Version, flags, method, time, date, checksum; sizes; lengths of the name and of what follows it.
            let head = [
                &[20, 0, 0, 8][..],
                &method.to_le_bytes(),
                &[0; 8],
                &size.to_le_bytes(),
                &told.unwrap_or(u32::MAX).to_le_bytes(),
                &length.to_le_bytes(),
                &[0, 0],
            ]
            .concat();
            let place = start.to_le_bytes();
            central.extend(
                [b"PK\x01\x02\x14\x00", &head[..], &[0; 10], &place, name.as_bytes()].concat(),
            );
            bytes.extend([b"PK\x03\x04", &head[..], name.as_bytes(), content].concat());
        }
        let count = u16::try_from(parts.len()).unwrap_or(u16::MAX).to_le_bytes();
        let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let size = u32::try_from(central.len()).unwrap_or(u32::MAX).to_le_bytes();
        let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0, 0]].concat();
        [bytes, central, end].concat()
    }

    /// How far back `repeated` copies from: the code for this distance needs nothing but zeros after it.
    const PERIOD: usize = 1025;

    /// A piece of `PERIOD` plain characters over and over, in the format of deflate.
    fn repeated(piece: &[u8], length: usize) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.put(1, 1); // The last block,
        bits.put(1, 2); // with the fixed codes.
        for byte in piece {
            bits.put_code(0x30 + u32::from(*byte), 8);
        }
        for _ in 0..length / 258 {
            bits.put_code(0b1100_0101, 8); // 258 bytes,
            bits.put_code(20, 5); // from 1025 bytes before
            bits.put(0, 9); // and none further.
        }
        bits.put_code(0, 7); // The end.
        bits.bytes
    }

    /// A `docx` whose one part holds `length` zero bytes and says that it holds `told`.
    fn bomb(length: usize, told: u32) -> Vec<u8> {
        let (packed, name) = (zeros(length), &b"word/document.xml"[..]);
        let size = u32::try_from(packed.len()).unwrap_or(u32::MAX);
        // Version, flags, deflate, time, date, checksum; sizes; lengths of the name and of what follows it.
        let head = [
            &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &size.to_le_bytes(),
            &told.to_le_bytes(),
            &[17, 0, 0, 0],
        ]
        .concat();
        let local = [b"PK\x03\x04", &head[..], name, &packed].concat();
        let central = [b"PK\x01\x02\x14\x00", &head[..], &[0; 14], name].concat();
        let start = u32::try_from(local.len()).unwrap_or(u32::MAX).to_le_bytes();
        let size = u32::try_from(central.len()).unwrap_or(u32::MAX).to_le_bytes();
        let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &size, &start, &[0, 0]].concat();
        [local, central, end].concat()
    }

    /// Zero bytes in the format of deflate: one literal, then again and again the 258 before.
    fn zeros(length: usize) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.put(1, 1); // The last block,
        bits.put(1, 2); // with the fixed codes.
        bits.put_code(0b0011_0000, 8); // The byte 0.
        for _ in 0..length / 258 {
            bits.put_code(0b1100_0101, 8); // 258 bytes,
            bits.put_code(0, 5); // from one byte before.
        }
        bits.put_code(0, 7); // The end.
        bits.bytes
    }

    #[derive(Default)]
    struct Bits {
        bytes: Vec<u8>,
        filled: u8,
    }

    impl Bits {
        /// The lowest bit first.
        fn put(&mut self, value: u32, count: u8) {
            for at in 0..count {
                if self.filled == 0 {
                    self.bytes.push(0);
                }
                if let Some(last) = self.bytes.last_mut() {
                    *last |= u8::from((value >> at) & 1 == 1) << self.filled;
                }
                self.filled = (self.filled + 1) % 8;
            }
        }

        /// The highest bit first, as codes are written.
        fn put_code(&mut self, code: u32, count: u8) {
            for at in (0..count).rev() {
                self.put((code >> at) & 1, 1);
            }
        }
    }
}
