//! `easel batch` as farms and shells use it: many photos, several processes, some of which die.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub const STYLE: &str = "tests/data/c_style.png";

/// A batch on the CPU that tells JSON.
pub fn easel(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["batch", "--style", STYLE, "--device", "cpu", "--json"]);
    // What the machine that runs the tests may have set.
    for name in ["ID", "COUNT", "MIN", "MAX", "STEP"] {
        command.env_remove(format!("SLURM_ARRAY_TASK_{name}"));
    }
    command.env_remove("JOB_COMPLETION_INDEX").env_remove("JOB_COMPLETIONS");
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What it told.
pub fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// What became of how many.
pub fn count(lines: &[Value], outcome: &str) -> usize {
    lines.iter().filter(|line| line["outcome"] == outcome).count()
}

/// So many small photos, each another.
fn photos(folder: &Path, count: u8) {
    for seed in 0..count {
        let planes: Vec<f32> = (0..3 * 24 * 20u32).map(|i| ((i * (u32::from(seed) + 3)) % 97) as f32 / 97.0).collect();
        let path = folder.join(format!("photo-{seed:02}.png"));
        let bytes = easel::Picture::from_planes(24, 20, &planes).encode(&path, 90).expect("a PNG");
        fs::write(path, bytes).expect("written");
    }
}

/// A folder with so many of them in `in`.
pub fn with_photos(count: u8) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("in")).expect("made");
    photos(&folder.path().join("in"), count);
    folder
}

/// The names in a folder, and the bytes of the files.
pub fn contents(folder: &Path) -> BTreeSet<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file")))
        .collect()
}

#[test]
fn four_shards_of_which_one_dies_paint_each_picture_once() {
    let folder = with_photos(40);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let args = |out: &str| {
        ["--content", &path("in"), "--out", &path(out), "--instant", "--size", "32"].map(ToOwned::to_owned).to_vec()
    };
    let shared = args("shared");
    let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
    let start = |index: u32| -> Child {
        let mut command = easel(&shared);
        // Each farm has its own way.
        match index {
            0 => command.args(["--shard", "0/4"]),
            1 => command.env("SLURM_ARRAY_TASK_ID", "1").env("SLURM_ARRAY_TASK_COUNT", "4"),
            2 => command.env("JOB_COMPLETION_INDEX", "2").env("JOB_COMPLETIONS", "4"),
            _ => command.args(["--shard", "3/4"]),
        };
        command.spawn().expect("the program starts")
    };
    // One after the other but for the one that is killed: which of two processes is faster is nobody's business.
    let mut killed = start(1);
    let mut first = String::new();
    BufReader::new(killed.stdout.take().expect("its output")).read_line(&mut first).expect("a line");
    killed.kill().expect("it was running");
    killed.wait().expect("it is dead");
    let outcomes: Vec<Vec<Value>> =
        [0, 1, 2, 3].map(|index| lines(&start(index).wait_with_output().expect("it ends"))).into();
    for (index, lines) in outcomes.iter().enumerate() {
        assert_eq!(lines.len(), 10, "{index}");
        assert_eq!(count(lines, "failed"), 0, "{index}: {lines:?}");
        assert_eq!(count(lines, "skipped") >= 1, index == 1, "only the one that was killed had painted some: {index}");
    }
    let painted: BTreeSet<String> = outcomes.iter().flatten().map(|line| line["out"].to_string()).collect();
    assert_eq!(painted.len(), 40);

    // Alone it comes to the same files, and no others are left.
    let alone = args("alone");
    let alone: Vec<&str> = alone.iter().map(String::as_str).collect();
    let output = easel(&alone).args(["--jobs", "2"]).output().expect("it runs");
    assert_eq!(count(&lines(&output), "painted"), 40);
    assert!(contents(&folder.path().join("alone")) == contents(&folder.path().join("shared")));
}

#[test]
fn the_script_for_slurm_paints_its_tasks_share() {
    let folder = with_photos(5);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    for task in ["0", "1"] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/farms/slurm.sh");
        let output = Command::new("sh")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg(script)
            .args([&path("in"), STYLE, &path("out"), "--instant", "--size", "32", "--device", "cpu"])
            .env("EASEL", env!("CARGO_BIN_EXE_easel"))
            .env("SLURM_ARRAY_TASK_ID", task)
            .env("SLURM_ARRAY_TASK_COUNT", "2")
            .env("SLURM_ARRAY_TASK_MIN", "0")
            .env("SLURM_ARRAY_TASK_MAX", "1")
            .env("SLURM_ARRAY_TASK_STEP", "1")
            .output()
            .expect("a shell");
        assert_eq!(count(&lines(&output), "painted"), if task == "0" { 3 } else { 2 }, "{output:?}");
    }
    assert_eq!(contents(&folder.path().join("out")).len(), 5);
}

#[test]
fn what_is_painted_already_is_told_by_its_settings_and_what_fails_is_counted() {
    let folder = with_photos(3);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    fs::write(path("in/broken.png"), "this is no picture").expect("written");
    fs::write(path("in/empty.jpg"), "").expect("written");
    let run = |more: &[&str]| {
        let (content, out, sheet) = (path("in"), path("out"), path("sheet.jpg"));
        let mut args = vec!["--content", &content, "--out", &out, "--sheet", &sheet, "--instant", "--format", "jpg"];
        args.extend(more);
        let output = easel(&args).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "two failed: {}", String::from_utf8_lossy(&output.stderr));
        let lines = lines(&output);
        assert_eq!(count(&lines, "failed"), 2);
        let broken = lines.iter().find(|line| line["content"].as_str().is_some_and(|path| path.contains("broken")));
        assert!(broken.is_some_and(|line| line["error"].as_str().is_some_and(|text| text.contains("broken.png"))));
        [count(&lines, "painted"), count(&lines, "skipped")]
    };
    assert_eq!(run(&["--size", "32"]), [3, 0]);
    assert_eq!(run(&["--size", "32"]), [0, 3]);
    assert_eq!(run(&["--size", "40"]), [3, 0], "another size");
    assert_eq!(run(&["--size", "40", "--frames", "keep"]), [3, 0], "paintings looked at otherwise");
    assert_eq!(run(&["--size", "40", "--frames", "crop"]), [3, 0], "as without the flag");
    assert_eq!(run(&["--size", "40"]), [0, 3]);
    photos(&folder.path().join("in"), 1);
    fs::copy(path("in/photo-00.png"), path("in/photo-02.png")).expect("copied");
    assert_eq!(run(&["--size", "40"]), [1, 2], "another photo of the same name");
    let sheet = easel::Picture::decode("sheet", &fs::read(path("sheet.jpg")).expect("written")).expect("a picture");
    assert_eq!((sheet.width(), sheet.height()), (2 * 264 + 8, 2 * 264 + 8), "three in two rows");
}

#[test]
fn steps_are_taken_and_one_photo_goes_through_pipes() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let settings = ["--size", "32", "--iterations", "2", "--preset", "classic", "--init", "content"];
    let content = "tests/data/c_content.png";
    let mut args = vec!["--content", content, "--out", out.to_str().expect("utf-8")];
    args.extend(settings);
    let output = easel(&args).output().expect("it runs");
    assert_eq!(count(&lines(&output), "painted"), 1, "{}", String::from_utf8_lossy(&output.stderr));
    let stored = fs::read(out.join("c_content.png")).expect("a picture");
    assert_eq!(contents(&out).len(), 1, "nothing else is left");

    let mut args = vec!["--content", "-", "--out", "-"];
    args.extend(settings);
    // Also by a task of many, each of which has its own photo.
    let mut task = easel(&args);
    for (name, number) in [("ID", "3"), ("COUNT", "4"), ("MIN", "0"), ("MAX", "3")] {
        task.env(format!("SLURM_ARRAY_TASK_{name}"), number);
    }
    let mut child = task.stdin(Stdio::piped()).spawn().expect("it starts");
    let photo = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(content)).expect("a photo");
    child.stdin.take().expect("its input").write_all(&photo).expect("taken");
    let mut piped = Vec::new();
    child.stdout.take().expect("its output").read_to_end(&mut piped).expect("a picture");
    assert!(child.wait().expect("it ends").success());
    assert!(piped == stored, "the same file");
}

#[test]
fn what_cannot_be_is_said() {
    let refused = |code: i32, says: &str, args: &[&str]| {
        let output = easel(args).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?} says: {text}");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("utf-8");
    let photo = "tests/data/c_content.png";
    refused(3, "no-such-*.png", &["--content", "no-such-*.png", "--out", out]);
    refused(2, "use I/N", &["--content", photo, "--out", out, "--shard", "4"]);
    refused(2, "use I/N", &["--content", photo, "--out", out, "--shard", "1/0"]);
    refused(2, "use I/N", &["--content", photo, "--out", out, "--shard", "9/4"]);
    refused(2, "--instant", &["--content", photo, "--out", out, "--strength", "0.5"]);
    refused(2, "a whole number from 1 up", &["--content", photo, "--out", out, "--instant", "--jobs", "0"]);
    refused(2, "only one picture can go there", &["--content", "tests/data", "--out", "-"]);
    refused(2, "cannot be shared out", &["--content", photo, "--out", "-", "--shard", "2/4"]);
    refused(2, "noise or style-colour", &["--content", photo, "--out", out, "--init", photo]);
    refused(3, "no folder", &["--content", photo, "--out", out, "--sheet", "no/such/folder/sheet.png"]);
    // Flags are looked at before anything is made or read.
    let fresh = folder.path().join("fresh").to_str().expect("utf-8").to_string();
    let wrong = [
        (2, "a whole number from 1 up", &["--jobs", "0"][..]),
        (2, "from 1 to 100", &["--quality", "500"]),
        (2, "leave it at 1", &["--sequence", "--jobs", "2"]),
        (2, "painterly", &["--instant", "--preset", "nonsense"]),
        (2, "iterations", &["--instant", "--iterations", "banana"]),
        (2, "to 1.5", &["--instant", "--strength", "9"]),
    ];
    for (code, says, more) in wrong {
        refused(code, says, &[&["--content", photo, "--out", &fresh, "--weights", out], more].concat());
        assert!(!Path::new(&fresh).exists(), "{more:?}");
    }
}

#[test]
fn a_sheet_that_cannot_be_written_is_one_failure() {
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let args = ["--instant", "--size", "32", "--content", &path("in"), "--out", &path("out"), "--sheet"];
    // Its name is too long.
    let output = easel(&args).arg(path(&format!("{}.png", "x".repeat(252)))).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("x.png: "), "{said}");
    assert_eq!(count(&lines(&output), "painted"), 1);
}

#[test]
fn what_is_painted_from_is_never_written_over() {
    let folder = with_photos(2);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    fs::copy(STYLE, path("painting.png")).expect("copied");
    let before = contents(&folder.path().join("in"));
    let painting = path("painting.png:2");
    let refused = |says: &str, args: &[&str]| {
        let output = easel(&["--instant", "--size", "32"]).args(args).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(3) && text.contains(says), "{args:?} says: {text}");
        assert!(contents(&folder.path().join("in")) == before, "{args:?}");
    };
    refused("would be written over", &["--content", &path("in"), "--out", &path("in")]);
    refused("would be written over", &["--content", &path("in/*.png"), "--out", &path("in/../in")]);
    refused("painted next time", &["--content", &path("in"), "--out", &path("in"), "--format", "webp"]);
    for pattern in ["in/*", "in/../in/*.webp", "i?/photo*"] {
        let photo = path("in/photo-01.png");
        refused(
            if pattern.ends_with("webp") { "nothing that fits" } else { "painted next time" },
            &["--content", &photo, &path(pattern), "--out", &path("in"), "--format", "webp"],
        );
    }
    // So is a sheet, and it is no picture's place either.
    let photos = path("in");
    refused("next time", &["--content", &photos, "--out", &path("out"), "--sheet", &path("in/sheet.jpg")]);
    refused(
        "where a picture goes",
        &["--content", &photos, "--out", &path("out"), "--sheet", &path("out/photo-01.png")],
    );
    let saved = path("in/photo-00.png");
    let config = ["--content", &path("in/photo-01.png"), "--out", &photos, "--sheet", &saved, "--config", &saved];
    refused("would be written over", &config);
    let one = path("in/photo-00.png");
    refused(
        "would be written over",
        &[
            "--content",
            &one,
            "--out",
            &path("out"),
            "--sheet",
            &path("in/photo-01.png"),
            "--style",
            &path("in/photo-01.png"),
        ],
    );
    fs::rename(path("painting.png"), path("photo-00.png")).expect("renamed");
    let painting = painting.replace("painting", "photo-00");
    refused("would be written over", &["--content", &one, "--out", &path(""), "--style", &painting]);
    assert!(fs::read(path("photo-00.png")).expect("there") == fs::read(STYLE).expect("there"));
    // Where the picture goes to standard output, a sheet would have nothing to show.
    let output = easel(&["--instant", "--content", &one, "--out", "-", "--sheet", &one]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("leave it out"), "{said}");
    assert!(contents(&folder.path().join("in")) == before);
}

#[test]
fn a_photo_is_painted_once_however_it_is_named_and_in_whatever_letters() {
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let paint = |more: &[&str]| {
        let output = easel(&["--instant", "--size", "32", "--out", &path("out")]).args(more).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        lines(&output)
    };
    let ways = [path("in"), path("in/../in/photo-00.png"), path("in/./photo-00.png")];
    assert_eq!(paint(&["--content", &ways[0], &ways[1], &ways[2]]).len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        fs::create_dir(path("latin")).expect("made");
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.png");
        fs::copy(path("in/photo-00.png"), folder.path().join("latin").join(name)).expect("copied");
        assert_eq!(count(&paint(&["--content", &path("latin")]), "painted"), 1);
    }
}

/// In one pass a file's settings count, too, as far as there are such; a picture painted so carries them.
#[test]
fn what_a_file_says_counts_in_one_pass() {
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    fs::write(path("settings.json"), r#"{"size": 40, "colour": "luminance", "preset": "bold"}"#).expect("written");
    let paint = |out: &str, more: &[&str]| {
        let output = easel(&["--content", &path("in"), "--out", &path(out)]).args(more).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let made = |out: &str| {
        let bytes = fs::read(path(out).to_string() + "/photo-00.png").expect("a picture");
        let recipe: Value = serde_json::from_str(&easel::extract(&bytes).expect("its recipe")).expect("JSON");
        (recipe["instant"].clone(), easel::Picture::decode("it", &bytes).expect("a picture"))
    };
    assert_eq!(paint("out", &["--instant", "--config", &path("settings.json")]).0, Some(0));
    let (recipe, picture) = made("out");
    assert_eq!((picture.width(), recipe["colour"].as_str()), (40, Some("luminance")));
    let saved = path("out/photo-00.png");
    assert_eq!(paint("again", &["--instant", "--config", &saved, "--strength", ".5"]).0, Some(0));
    let (recipe, picture) = made("again");
    assert_eq!((picture.width(), recipe["strength"].as_f64()), (40, Some(0.5)));
    let (code, said) = paint("run", &["--config", &saved]);
    assert!(code == Some(2) && said.contains("in one pass"), "{said}");
    // A look's colours count, though nobody names them.
    fs::write(path("look.json"), r#"{"preset": "sketch", "size": 40}"#).expect("written");
    assert_eq!(paint("look", &["--instant", "--config", &path("look.json")]).0, Some(0));
    assert_eq!(made("look").0["colour"].as_str(), Some("luminance"));
    assert_eq!(paint("none", &["--instant", "--config", "no-such.json"]).0, Some(3));
}

#[test]
fn another_quality_is_another_picture_where_it_costs_something() {
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let outcome = |format: &str, quality: &str| {
        let format = ["--format", format, "--quality", quality];
        let args = ["--instant", "--size", "32", "--content", &path("in"), "--out", &path("out")];
        let output = easel(&args).args(format).output().expect("it runs");
        lines(&output)[0]["outcome"].as_str().expect("a word").to_string()
    };
    let jpegs = ["5", "5", "95"].map(|quality| outcome("jpg", quality));
    assert_eq!(jpegs, ["painted", "skipped", "painted"]);
    assert_eq!(["5", "95"].map(|quality| outcome("png", quality)), ["painted", "skipped"]);
}

/// `easel batch … | head -1`: the pictures are painted all the same.
#[test]
fn nobody_has_to_listen() {
    let folder = with_photos(3);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let args = ["--instant", "--size", "32", "--content", &path("in"), "--out", &path("out")];
    let mut running = easel(&args).spawn().expect("it runs");
    drop((running.stdout.take(), running.stderr.take()));
    assert_eq!(running.wait().expect("it ends").code(), Some(0));
    assert_eq!(contents(&folder.path().join("out")).len(), 3);
    let mut knobs =
        Command::new(env!("CARGO_BIN_EXE_easel")).arg("knobs").stdout(Stdio::piped()).spawn().expect("it runs");
    drop(knobs.stdout.take());
    assert_eq!(knobs.wait().expect("it ends").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_may_not_be_written_is_refused_before_anything_is_painted() {
    let output =
        easel(&["--instant", "--content", "tests/data/c_content.png", "--out", "/sys"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && said.contains("/sys/c_content.png: "), "{said}");
    assert!(lines(&output).is_empty(), "nothing was painted");
}
