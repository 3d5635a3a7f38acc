//! Everything that reads bytes from outside, given tens of thousands of damaged inputs each: never a
//! panic, and every refusal a sentence.
//!
//! The damage is random but the same every time, and starts from what is valid: the committed corpus
//! (tests/data/fuzz, tests/data/odd, weights/manifest.json), since noise gets past no first check. A failure
//! prints the input.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::common::{assert_sentence, path, picture, weights};
use easel::{
    Compute, Header, Manifest, Picture, Pictures, Result, Style, StyleConfig, Stylizer, check_header, embed, explain,
    extract,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

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
fn fuzz(inputs: usize, seeds: Vec<Vec<u8>>, check: impl FnMut(&[u8]) -> bool) {
    fuzz_with(inputs, seeds, Mutator::next, check);
}

/// The same with damage of one's own.
fn fuzz_with(
    inputs: usize,
    seeds: Vec<Vec<u8>>,
    mut damage: impl FnMut(&mut Mutator) -> Vec<u8>,
    mut check: impl FnMut(&[u8]) -> bool,
) {
    for seed in &seeds {
        check(seed);
    }
    let mut mutator = Mutator::new(seeds);
    let mut taken = 0;
    for number in 0..inputs {
        let input = damage(&mut mutator);
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
            // Sizes behind the picture's data: ftyp, mdat of 64 bits, meta up to the end with iprp, ipco and ispe.
            b"\0\0\0\x14ftypavif\0\0\0\0mif1\0\0\0\x01mdat\0\0\0\0\0\0\0\x14data\0\0\0\0meta\0\0\0\0\
              \0\0\0\x24iprp\0\0\0\x1cipco\0\0\0\x14ispe\0\0\0\0\0\0\0\x20\0\0\0\x20",
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

/// A tiny run, of which a step takes a millisecond or so.
fn small_run(optimizer: &str) -> Stylizer {
    let text = format!(
        r#"{{"preset": "classic", "optimizer": "{optimizer}", "size": 23, "minSize": 16, "iterations": 3, "firstIterations": 2,
        "averaging": 0.5, "contentLayers": [{{"layer": "relu1_1", "weight": 1}}],
        "styleLayers": [{{"layer": "relu1_1", "weight": 1}}, {{"layer": "relu2_1", "weight": 0.5}}]}}"#
    );
    let config = StyleConfig::from_json(&text).expect("settings");
    let styles = vec![Style::new(picture("a_style.png").resized(8, 8), 1.0)];
    let pictures = Pictures { content: picture("a_content.png").resized(16, 5), styles, init: None };
    Stylizer::new(&Compute::cpu(), weights(), pictures, config).expect("a run")
}

/// Checkpoints of a run after every step but the last.
fn checkpoints(mut run: Stylizer) -> Vec<Vec<u8>> {
    let mut saved = Vec::new();
    while run.iteration() + 1 < run.iterations() {
        pollster::block_on(run.step()).expect("a step");
        saved.push(pollster::block_on(run.checkpoint()).expect("saved").expect("after a step there is something"));
    }
    saved
}

/// Damages a checkpoint where its structure is: shapes, counts, notes, values. The container stays one that opens.
fn damaged_checkpoint(mutator: &mut Mutator) -> Vec<u8> {
    if mutator.below(4) == 0 {
        return mutator.next();
    }
    let bytes = mutator.one_of_seeds();
    let length = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + length]).expect("a header");
    let mut data = bytes[8 + length..].to_vec();
    for _ in 0..=mutator.below(2) {
        let names: Vec<String> =
            header.as_object().expect("an object").keys().filter(|name| !name.starts_with("__")).cloned().collect();
        let [name, other] = [0; 2].map(|_| names[mutator.below(names.len())].clone());
        let shape: Vec<u64> = serde_json::from_value(header[&name]["shape"].clone()).expect("a shape");
        match mutator.below(8) {
            // Other dimensions for as many values.
            0 => {
                let by = mutator.below(shape.len());
                header[&name]["shape"] = json!([&shape[by..], &shape[..by]].concat());
            }
            1 => {
                let all: u64 = shape.iter().product();
                let shapes = [json!([all, 1, 1, 1]), json!([1, 1, 1, all]), json!([all]), json!([1, all / 2, 2, 1])];
                header[&name]["shape"] = shapes[mutator.below(shapes.len())].clone();
            }
            // The tensors change places, or one is missing.
            2 => {
                let [own, others] = [header[&name].clone(), header[&other].clone()];
                header[&name] = others;
                header[&other] = own;
            }
            3 => {
                let own = header[&name].clone();
                header.as_object_mut().expect("an object").remove(&name);
                header[format!("{name}2")] = own;
            }
            4 | 5 => {
                let values = [f32::NAN, f32::INFINITY, f32::MAX, -1.0, 2.0, 1.0, 0.75, 0.5, 0.25, 1e-20, 1e-40, 0.0];
                let value = values[mutator.below(values.len())];
                let at = mutator.below(data.len() / 4);
                data[4 * at..][..4].copy_from_slice(&value.to_le_bytes());
            }
            _ => {
                let text = header["__metadata__"]["easel"].as_str().expect("notes");
                let mut notes: Value = serde_json::from_str(text).expect("notes");
                change_a_leaf(&mut notes, mutator);
                header["__metadata__"]["easel"] = json!(notes.to_string());
            }
        }
    }
    let header = header.to_string().into_bytes();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

/// Changes, removes or doubles something somewhere in a value.
fn change_a_leaf(value: &mut Value, mutator: &mut Mutator) {
    let leaf = mutator.below(12) == 0;
    match value {
        Value::Object(map) if !map.is_empty() && !leaf => {
            let name = map.keys().nth(mutator.below(map.len())).expect("a name").clone();
            if mutator.below(16) == 0 {
                map.remove(&name);
            } else {
                change_a_leaf(&mut map[&name], mutator);
            }
        }
        Value::Array(list) if !list.is_empty() && !leaf => {
            let at = mutator.below(list.len());
            match mutator.below(16) {
                0 => drop(list.remove(at)),
                1 => list.push(list[at].clone()),
                _ => change_a_leaf(&mut list[at], mutator),
            }
        }
        other => {
            let values = [
                json!(-1),
                json!(0),
                json!(1),
                json!(7),
                json!(2_147_483_648_u64),
                json!(4_294_967_295_u64),
                json!(u64::MAX),
                json!(-1e300),
                json!(1e300),
                json!(1e-300),
                json!(0.5),
                json!(null),
                json!([]),
                json!({}),
                json!("luminance"),
                json!("x"),
            ];
            *other = values[mutator.below(values.len())].clone();
        }
    }
}

/// Saved runs: what is taken can be gone on with and looked at.
#[test]
#[ignore = "long"]
fn saved_runs_that_are_resumed_step_on() {
    for optimizer in ["adam", "lbfgs"] {
        let mut run = small_run(optimizer);
        fuzz_with(INPUTS / 4, checkpoints(small_run(optimizer)), damaged_checkpoint, |bytes| {
            let taken = sentence(run.resume(bytes));
            if taken {
                sentence(pollster::block_on(run.step()));
                sentence(pollster::block_on(run.picture()));
                sentence(pollster::block_on(run.step()));
                pollster::block_on(run.checkpoint()).expect("the device answers");
            }
            taken
        });
    }
}

#[test]
fn changes_to_a_run_under_way() {
    let mut run = small_run("adam");
    pollster::block_on(run.step()).expect("a step");
    let saved = pollster::block_on(run.checkpoint()).expect("saved").expect("after a step there is something");
    let changes = [
        &b"{\"styleWeight\": 2, \"weights\": [1]}"[..],
        b"{\"tvWeight\":0,\"colour\":\"match\"}",
        b"{\"weights\":[0.5]}",
    ];
    fuzz(INPUTS, changes.map(<[u8]>::to_vec).to_vec(), |bytes| sentence(run.update(&text(bytes))));
    run.resume(&saved).expect("the run is as good as before");
    assert!(pollster::block_on(run.step()).expect("a step").losses.total.is_finite());
}
