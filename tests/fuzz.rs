//! Everything that reads bytes from outside, given tens of thousands of damaged inputs each: never a
//! panic, and every refusal a sentence.
//!
//! The damage is random but the same every time, and starts from what is valid: the committed corpus
//! (tests/data/fuzz, tests/data/odd, weights/manifest.json), since noise gets past no first check. A failure
//! prints the input.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{assert_sentence, path, pictures, weights};
use easel::{
    Compute, Header, Manifest, Picture, Result, Snapshot, StyleConfig, Stylizer, check_header, embed, explain, extract,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const INPUTS: usize = 40_000;

/// Pieces that have broken parsers before.
const TOKENS: [&[u8]; 24] = [
    b"null",
    b"-1",
    b"1e999",
    b"1e-999",
    b"NaN",
    b"Infinity",
    b"18446744073709551616",
    b"0.1",
    b"\"\"",
    b"{}",
    b"[]",
    b"{\"a\":",
    b"[[[[[[[[",
    b"\\ud800",
    b"\\u0000",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"&#x110000;",
    b"&#0;",
    b"&",
    b"<",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
];

struct Mutator {
    random: ChaCha8Rng,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    fn new(seeds: Vec<Vec<u8>>) -> Self {
        assert!(!seeds.is_empty() && seeds.iter().all(|seed| !seed.is_empty()), "a corpus");
        Self { random: ChaCha8Rng::seed_from_u64(42), seeds }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.next_u32() as usize % limit.max(1)
    }

    fn one_of_seeds(&mut self) -> Vec<u8> {
        let index = self.below(self.seeds.len());
        self.seeds[index].clone()
    }

    /// Most damage near the start, where headers are.
    fn place(&mut self, length: usize) -> usize {
        let near = if self.below(2) == 0 { length } else { length.min(64) };
        self.below(near)
    }

    fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.one_of_seeds();
        for _ in 0..=self.below(6) {
            let at = self.place(bytes.len());
            let span = 1 + self.below(16.min(bytes.len().max(1)));
            let range = at..(at + span).min(bytes.len());
            match self.below(10) {
                0..=2 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                3 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][self.below(6)],
                4 if !bytes.is_empty() => drop(bytes.drain(range)),
                5 => bytes.truncate(at),
                6 => {
                    let copy = bytes[range].to_vec();
                    bytes.splice(at..at, copy);
                }
                7 => {
                    let token = TOKENS[self.below(TOKENS.len())];
                    bytes.splice(at..at, token.iter().copied());
                }
                8 => {
                    let token = TOKENS[self.below(TOKENS.len())];
                    for (byte, new) in bytes.iter_mut().skip(at).zip(token) {
                        *byte = *new;
                    }
                }
                _ => {
                    let other = self.one_of_seeds();
                    let from = self.below(other.len());
                    bytes.splice(at.., other[from..].iter().copied());
                }
            }
        }
        bytes
    }
}

/// Runs `check` on that many damaged inputs; it says whether the input was taken.
fn fuzz(inputs: usize, seeds: Vec<Vec<u8>>, mut check: impl FnMut(&[u8]) -> bool) {
    for seed in &seeds {
        check(seed);
    }
    let mut mutator = Mutator::new(seeds);
    let mut taken = 0;
    for number in 0..inputs {
        let input = mutator.next();
        match catch_unwind(AssertUnwindSafe(|| check(&input))) {
            Ok(true) => taken += 1,
            Ok(false) => {}
            Err(_) => {
                panic!("input {number} of {} bytes: {}", input.len(), input[..input.len().min(3000)].escape_ascii())
            }
        }
    }
    assert!(
        taken > 0 && taken < inputs,
        "{taken} of {inputs} were taken: the damage is too great or too small to tell anything"
    );
}

fn sentence<T>(outcome: Result<T>) -> bool {
    outcome.map_err(|error| assert_sentence(&error.to_string())).is_ok()
}

fn lines(name: &str) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(path("tests/data/fuzz").join(name)).expect("a corpus");
    text.lines().map(|line| line.as_bytes().to_vec()).collect()
}

/// Small files of every format, and headers of some that are not decoded.
fn picture_files() -> Vec<Vec<u8>> {
    let mut files: Vec<_> = std::fs::read_dir(path("tests/data/odd"))
        .expect("odd pictures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|ending| ending != "py" && ending != "json"));
    let mut seeds: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("a picture")).collect();
    seeds.extend(
        [
            &b"II\x2b\0\x08\0\0\0"[..],
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            b"BM\0\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x09\0\x09\0",
            b"<svg />",
        ]
        .map(<[u8]>::to_vec),
    );
    seeds
}

/// As text where it is text; otherwise with the broken letters replaced, as a page would.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn headers() {
    fuzz(INPUTS, picture_files(), |bytes| {
        let header = Header::read(bytes);
        explain(bytes);
        sentence(check_header("The photo", bytes)) && header.is_some()
    });
}

#[test]
fn pictures_decoded_whole() {
    fuzz(INPUTS / 4, picture_files(), |bytes| sentence(Picture::decode("The photo", bytes)));
}

#[test]
fn settings() {
    let whole = StyleConfig::default().to_json().to_string().into_bytes();
    fuzz(INPUTS, [lines("settings.jsonl"), vec![whole]].concat(), |bytes| match StyleConfig::from_json(&text(bytes)) {
        Ok(config) => {
            let again = StyleConfig::from_json(&config.to_json().to_string()).expect("what was taken is taken again");
            assert_eq!(again.size, config.size);
            true
        }
        Err(error) => sentence::<()>(Err(error)),
    });
}

#[test]
fn manifests() {
    let manifest = std::fs::read(path("weights/manifest.json")).expect("the committed manifest");
    fuzz(INPUTS, vec![manifest], |bytes| sentence(Manifest::parse(&text(bytes))));
}

#[test]
fn settings_in_pictures() {
    let mut seeds = Vec::new();
    for file in picture_files() {
        seeds.extend(lines("packets.jsonl").iter().filter_map(|json| embed(&file, &text(json)).ok()));
    }
    assert!(seeds.len() > 40, "{} pictures that can carry settings", seeds.len());
    let limit = easel::MAX_PACKET;
    fuzz(INPUTS, seeds, |bytes| {
        sentence(
            embed(bytes, "{\"seed\":1}").inspect(|again| assert_eq!(extract(again).as_deref(), Some("{\"seed\":1}"))),
        );
        let found = extract(bytes);
        if let Some(json) = &found {
            assert!(
                json.len() <= limit
                    && serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok()
                    && json.trim_start().starts_with('{')
            );
            sentence(StyleConfig::from_json(json));
        }
        found.is_some()
    });
}

/// The largest messages: saved runs, and changes to one under way.
#[test]
fn saved_runs_and_changes() {
    let compute = Compute::cpu();
    let config =
        StyleConfig::from_json(r#"{"preset": "classic", "size": 16, "minSize": 16, "iterations": 2}"#).expect("valid");
    let mut run = Stylizer::new(&compute, &weights(), pictures("a"), config).expect("a run");
    pollster::block_on(run.step()).expect("a step");
    let saved = pollster::block_on(run.checkpoint()).expect("saved").expect("after a step there is something");
    fuzz(INPUTS, vec![saved.clone()], |bytes| {
        let unpacked = Snapshot::from_bytes(bytes, &compute.device);
        let resumed = run.resume(bytes);
        assert!(unpacked.is_ok() || resumed.is_err());
        sentence(unpacked);
        sentence(resumed)
    });
    let changes = [
        &b"{\"styleWeight\": 2, \"weights\": [1]}"[..],
        b"{\"tvWeight\":0,\"colour\":\"match\"}",
        b"{\"weights\":[0.5]}",
    ];
    fuzz(INPUTS, changes.map(<[u8]>::to_vec).to_vec(), |bytes| sentence(run.update(&text(bytes))));
    run.resume(&saved).expect("the run is as good as before");
    assert!(pollster::block_on(run.step()).expect("a step").losses.total.is_finite());
}
