//! What the command line is given as files and words: pipes, links, what is far too long, and slips of the pen.
#![cfg(all(feature = "cli", unix))]

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::batch::{contents, count, easel as batch, lines, with_photos};
use crate::common::{easel, path, refused};

const PHOTO: &str = "tests/data/c_content.png";
const STYLE: &str = "tests/data/c_style.png";

/// The program with a file at its standard input's other end.
fn piped(args: &[&str], file: &str) -> std::process::Output {
    let mut cat = Command::new("cat").arg(path(file)).stdout(Stdio::piped()).spawn().expect("cat");
    let pipe = cat.stdout.take().expect("its output");
    let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).stdin(pipe).output().expect("it runs");
    cat.wait().expect("it ends");
    output
}

#[test]
fn a_pipe_is_a_file_that_can_be_read_once() {
    let output = piped(&["vectors", "/dev/stdin"], STYLE);
    let vectors: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let hash = easel::sha256_hex(&fs::read(path(STYLE)).expect("a painting"));
    assert!(vectors.get(&hash).is_some(), "{vectors}");

    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("utf-8");
    let args = ["batch", "--content", "/dev/stdin", "--style", STYLE, "--out", out, "--instant", "--size", "32"];
    let output = piped(&[&args[..], &["--device", "cpu"]].concat(), PHOTO);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("stdin.png").exists());

    let args = ["batch", "--content", "-", "--style", STYLE, "--out", "-", "--instant", "--size", "32"];
    let output = piped(&[&args[..], &["--device", "cpu"]].concat(), PHOTO);
    assert!(String::from_utf8_lossy(&output.stderr).contains("painted -\n"), "{output:?}");
}

#[test]
fn what_is_far_too_long_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = folder.path().join("long.png");
    fs::File::create(&long).expect("made").set_len(8 << 30).expect("a file of holes");
    let out = folder.path().join("out.png");
    let out = out.to_str().expect("utf-8");
    let long = long.to_str().expect("utf-8");
    refused(3, "8192 MB", &["stylize", "--content", long, "--style", STYLE, "--out", out]);
    refused(3, "after 50 MB", &["stylize", "--content", "/dev/zero", "--style", STYLE, "--out", out]);
    let settings = folder.path().join("settings.json");
    fs::File::create(&settings).expect("made").set_len(2 << 20).expect("a file of holes");
    let settings = settings.to_str().expect("utf-8");
    let args = ["stylize", "--content", PHOTO, "--style", STYLE, "--out", out, "--config"];
    refused(2, "longer than settings are", &[&args[..], &[settings]].concat());
}

#[test]
fn settings_may_begin_with_the_mark_of_their_encoding() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("settings.json");
    let settings = settings.to_str().expect("utf-8");
    let args = ["bench", "--dry-run", "--json", "--config", settings];
    fs::write(settings, b"\xef\xbb\xbf{\"size\": 64}").expect("written");
    let output = easel(&args);
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(plan["size"], 64);
    fs::write(settings, b"\xff\xfe{\0}\0").expect("written");
    refused(2, "save it as UTF-8", &args);
}

/// A file of settings may be anybody's: it opens no other file, of which nobody would see to it that it is not written over.
#[test]
fn only_a_flag_names_the_picture_to_start_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("settings.json");
    fs::write(&settings, format!("{{\"init\": {STYLE:?}}}")).expect("written");
    let args = ["bench", "--dry-run", "--config", settings.to_str().expect("utf-8")];
    refused(2, "use one of", &args);
    assert!(easel(&[&args[..], &["--init", STYLE]].concat()).status.success());
}

#[test]
fn slips_are_answered_with_what_there_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("small.png");
    let bytes = easel::Picture::from_planes(8, 40, &[0.5; 3 * 8 * 40]).encode(&small, 90).expect("a PNG");
    fs::write(&small, bytes).expect("written");
    let small = small.to_str().expect("utf-8");
    refused(2, "possible values: auto, gpu, cpu]", &["bench", "--device", "tpu"]);
    for words in ["use auto,", "+registers"] {
        refused(2, words, &["bench", "--kernels", "nope"]);
    }
    let judged = ["--content", PHOTO, "--style", STYLE, "--image", small, "--device", "cpu"];
    for command in ["compare", "losses"] {
        refused(3, "less narrow --image", &[&[command], &judged[..]].concat());
    }
    refused(2, "\"out\" cannot be empty", &["batch", "--content", PHOTO, "--style", STYLE, "--out", ""]);
}

#[test]
fn the_help_of_a_batch_says_the_size_of_pictures_in_one_pass() {
    let output = easel(&["batch", "--help"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("384 px"), "{output:?}");
}

#[test]
fn what_is_passed_over_and_why_something_failed_is_said() {
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    std::os::unix::fs::symlink("nowhere.jpg", path("in/link.jpg")).expect("linked");
    fs::write(path("in/text.jpg"), "no picture").expect("written");
    fs::write(path("in/cut.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("written");
    let args = ["--instant", "--size", "32", "--content", &path("in"), "--out", &path("out"), "--verbose"];
    let output = batch(&args).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("link.jpg: this link leads nowhere"), "{said}");
    assert!(said.contains("text.jpg could not be read") && said.contains("\ncaused by: "), "{said}");
    assert_eq!(said.matches("text.jpg").count(), 1, "{said}");
    assert_eq!([count(&lines(&output), "painted"), count(&lines(&output), "failed")], [1, 2]);
}

#[test]
fn a_place_that_cannot_be_written_is_said_before_its_photo_is_painted() {
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    fs::create_dir_all(path("out/photo-00.png")).expect("a folder in the picture's place");
    fs::write(path("in/photo-00.png"), "no picture").expect("written");
    let output = batch(&["--instant", "--content", &path("in"), "--out", &path("out")]).output().expect("it runs");
    let error = lines(&output)[0]["error"].to_string();
    assert!(output.status.code() == Some(1) && error.contains("out/photo-00.png: "), "not of the photo: {error}");
}

#[cfg(target_os = "linux")]
#[test]
fn lines_that_cannot_be_told_are_a_failure() {
    let folder = with_photos(2);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let args = ["--instant", "--size", "32", "--content", &path("in"), "--out", &path("out")];
    let output = batch(&args).stdout(full).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && said.contains("standard output: "), "{said}");
    assert_eq!(contents(&folder.path().join("out")).len(), 2, "the pictures are painted all the same");
}
