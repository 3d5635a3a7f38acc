//! The command line as a user meets it: files in, files and JSON out, exit codes.
#![cfg(feature = "cli")]

use crate::common::{easel, path, refused};
use serde_json::Value;

#[test]
fn stylize_writes_a_picture_and_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.png");
    let output = easel(&[
        "stylize",
        "--content",
        "tests/data/c_content.png",
        "--style",
        "tests/data/c_style.png:2",
        "--style",
        "tests/data/a_style.png",
        "--out",
        out.to_str().expect("utf-8"),
        "--device",
        "cpu",
        "--size",
        "48",
        "--iterations",
        "3",
        "--style-layers",
        "relu1_1:1,relu3_1:0.5",
        "--json",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let picture = easel::Picture::decode("out", &std::fs::read(out).expect("written")).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (32, 48));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON on standard output");
    assert_eq!(report["config"]["size"], 48);
    assert_eq!(report["device"]["backend"], "cpu");
    assert_eq!(report["scales"][0]["iterations"], 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("3/3"));
}

#[test]
#[ignore = "long"]
fn a_picture_paints_another_with_its_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let paint = |out: &str, more: &[&str]| {
        let out = path(out);
        let mut args =
            vec!["stylize", "--content", "tests/data/a_content.png", "--style", "tests/data/a_style.png:0.5"];
        args.extend(["--out", &out, "--device", "cpu", "--json"]);
        args.extend(more);
        let output = easel(&args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["config"].clone()
    };
    for name in ["a.png", "a.jpg", "a.webp"] {
        let used = paint(name, &["--size", "32", "--iterations", "1", "--preset", "bold", "--seed", "7"]);
        let bytes = std::fs::read(path(name)).expect("written");
        let recipe: Value = serde_json::from_str(&easel::extract(&bytes).expect("settings inside")).expect("JSON");
        // Nothing else: no file names, no place, no time.
        let keys: Vec<&String> = recipe.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["config", "program", "version", "weights"]);
        assert_eq!((&recipe["config"], &recipe["weights"]), (&used, &serde_json::json!([0.5])));
        assert_eq!(paint("again.png", &["--config", &path(name)]), used, "{name}");
        assert_eq!(paint("b.bmp", &["--config", &path(name), "--seed", "8"])["seed"], 8);
        // Another preset in the place of its own; what was chosen beside that stays.
        let other = ["--size", "32", "--iterations", "1", "--preset", "classic", "--seed", "7"];
        assert_eq!(paint("b.bmp", &["--config", &path(name), "--preset", "classic"]), paint("b.bmp", &other), "{name}");
    }
    let first = std::fs::read(path("again.png")).expect("written");
    assert_eq!(paint("again.png", &["--config", &path("a.webp")])["size"], 32);
    assert!(std::fs::read(path("again.png")).expect("written") == first, "the same settings give the same file");
    let plain =
        ["stylize", "--content", "x", "--style", "x", "--out", &path("c.png"), "--config", "tests/data/a_x.png"];
    refused(2, "the picture tests/data/a_x.png carries none", &plain);
}

#[test]
fn a_jpeg_is_as_good_as_it_is_asked_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let paint = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let mut args = vec!["stylize", "--content", "tests/data/a_content.png", "--style", "tests/data/a_style.png"];
        args.extend(["--out", out.to_str().expect("utf-8"), "--device", "cpu", "--size", "48", "--iterations", "1"]);
        args.extend(more);
        let output = easel(&args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(out).expect("written")
    };
    let exact = easel::Picture::decode("png", &paint("a.png", &[])).expect("a picture");
    let error = |name: &str, more: &[&str]| -> f64 {
        let picture = easel::Picture::decode(name, &paint(name, more)).expect("a picture");
        let pairs = exact.rgb().iter().zip(picture.rgb());
        pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum::<f64>() / exact.rgb().len() as f64
    };
    let [best, usual, worst] = [&["--quality", "100"][..], &[], &["--quality", "10"]].map(|more| error("a.jpg", more));
    assert!(
        best < usual && usual < 0.5 * error("a.jpg", &["--quality", "75"]) && usual < 0.1 * worst,
        "{best} {usual} {worst}"
    );
    for bad in ["0", "101", "-3", "high"] {
        let args = ["stylize", "--content", "x", "--style", "x", "--out", "x.jpg", "--quality", bad];
        refused(2, "a whole number from 1 to 100", &args);
    }
}

#[test]
fn the_picture_to_start_from_is_named_by_either_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.png");
    let args = |more: &[&'static str]| {
        let mut args = vec!["stylize", "--content", "tests/data/a_content.png", "--style", "tests/data/a_style.png"];
        args.extend(["--device", "cpu", "--size", "32", "--iterations", "1"]);
        args.extend(more);
        [args, vec!["--out", out.to_str().expect("utf-8")]].concat()
    };
    let paint = |more: &[&'static str]| {
        let output = easel(&args(more));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        easel::Picture::decode("out", &std::fs::read(&out).expect("written")).expect("a picture")
    };
    let start = "tests/data/c_style.png";
    let wanted = paint(&["--init", start]);
    assert!(paint(&["--init", "image", "--init-image", start]) == wanted);
    assert!(paint(&["--init-image", start]) == wanted);
    assert!(paint(&[]) != wanted);
    refused(2, "--init-image FILE", &args(&["--init", "image"]));
    refused(2, "beside --init-image", &args(&["--init", "noise", "--init-image", start]));
    refused(3, "nowhere.png: No such file", &args(&["--init", "image", "--init-image", "nowhere.png"]));
}

#[test]
fn where_the_picture_goes_is_checked_before_it_is_painted() {
    let paint =
        |out: &str| ["stylize", "--content", "nowhere.png", "--style", "nowhere.png", "--out", out].map(String::from);
    for (out, says) in
        [("out.txt", "use .png, .jpg or .webp"), ("out", "use .png"), ("no/such/folder/out.png", "no folder")]
    {
        refused(3, says, &paint(out).each_ref().map(String::as_str));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let inside = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    std::fs::create_dir(inside("folder.png")).expect("made");
    let long = "x".repeat(252) + ".png"; // than names can be
    for (name, says) in [("folder.png", "this is a folder"), (&long, "x.png: ")] {
        let out = inside(name);
        refused(3, says, &paint(&out).each_ref().map(String::as_str));
        let instant = ["instant", "--content", "nowhere.png", "--style", "nowhere.png", "--out", &out];
        refused(3, says, &instant);
    }
    // Nor may it be what is painted from.
    for name in ["content", "style", "mask", "config", "init-image"] {
        let input = inside("old.png");
        std::fs::write(&input, "old").expect("written");
        let flag = format!("--{name}");
        let others = ["--content", "a", "--style", "b"].chunks(2).filter(|other| other[0] != flag).flatten().copied();
        let args: Vec<&str> = ["stylize", "--out", &input, &flag, &input].into_iter().chain(others).collect();
        refused(3, "would be written over", &args);
    }
    refused(
        3,
        "would be written over",
        &["instant", "--content", "a", "--style", &inside("old.png:2"), "--out", &inside("old.png")],
    );
    // Nothing is left of the look, nor of a process that was killed, and what is there stays.
    for name in ["old.png", ".old.png.0123456789abcdef.part"] {
        std::fs::write(inside(name), "old").expect("written");
    }
    refused(3, "nowhere.png: No such file", &paint(&inside("old.png")).each_ref().map(String::as_str));
    let left: std::collections::BTreeSet<_> =
        folder.path().read_dir().expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(left, ["folder.png", "old.png"].map(Into::into).into());
    assert_eq!(std::fs::read(inside("old.png")).expect("there"), b"old");
}

#[test]
fn instant_paints_in_one_pass() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.png");
    let args = |more: &[&'static str]| {
        let mut args = vec!["instant", "--content", "tests/data/c_content.png", "--device", "cpu"];
        args.extend(more);
        [args, vec!["--out", out.to_str().expect("utf-8")]].concat()
    };
    let paint = |more: &[&'static str]| {
        let output = easel(&args(more));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (easel::Picture::decode("out", &std::fs::read(&out).expect("written")).expect("a picture"), output.stdout)
    };
    let [one, other] = ["tests/data/a_style.png", "tests/data/c_style.png"];
    let (first, said) = paint(&["--style", one, "--size", "48", "--json"]);
    assert_eq!((first.width(), first.height()), (32, 48));
    let said: Value = serde_json::from_slice(&said).expect("JSON on standard output");
    assert_eq!((&said["width"], &said["height"], &said["device"]["backend"]), (&32.into(), &48.into(), &"cpu".into()));
    assert!(said["millis"].as_f64().expect("a number") > 0.0);

    let apart = |a: &easel::Picture, b: &easel::Picture| -> u64 {
        a.rgb().iter().zip(b.rgb()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    };
    let (second, said) = paint(&["--style", other, "--size", "48"]);
    assert!(said.is_empty(), "what is not asked for is not printed");
    assert!(
        paint(&["--style", "tests/data/a_style.png:2", "--style", "tests/data/c_style.png:0", "--size", "48"]).0
            == first
    );
    let (mixed, _) = paint(&["--style", "tests/data/a_style.png:3", "--style", other, "--size", "48"]);
    assert!(0 < apart(&mixed, &first) && apart(&mixed, &first) < apart(&mixed, &second), "three parts of four");
    for more in [["--strength", "0.5"], ["--colour", "luminance"]] {
        assert!(paint(&[&["--style", one, "--size", "48"], &more[..]].concat()).0 != first, "{more:?} changes nothing");
    }
}

/// A painting within a white margin is the painting, unless the margin is to be kept: to each command that looks at paintings once.
#[test]
fn margins_are_left_out_or_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let painting = image::open(path("www/samples/style-poppies.jpg")).expect("a sample").to_rgb8();
    let mut framed = image::RgbImage::from_pixel(painting.width() + 60, painting.height() + 50, image::Rgb([255; 3]));
    image::imageops::overlay(&mut framed, &painting, 30, 20);
    painting.save(file("painting.png")).expect("written");
    framed.save(file("framed.png")).expect("written");
    let said = |command: &[&str], name: &str, more: &[&str]| {
        let name = file(name);
        let output = easel(&[command, &[&name], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let content = "tests/data/c_content.png";
    let vectors = |name: &str, more: &[&str]| {
        let vectors: Value = serde_json::from_str(&said(&["vectors"], name, more)).expect("JSON");
        vectors.as_object().expect("an object").values().next().expect("a painting").clone()
    };
    let suggest = |name: &str, more: &[&str]| {
        let more = [&["--content", content, "--device", "cpu", "--json"], more].concat();
        let said: Value = serde_json::from_str(&said(&["suggest", "--style"], name, &more)).expect("JSON");
        said["ranked"].clone()
    };
    let instant = |name: &str, more: &[&str]| {
        let out = file("out.png");
        let more = [&["--content", content, "--device", "cpu", "--size", "48", "--out", &out], more].concat();
        said(&["instant", "--style"], name, &more);
        Value::from(easel::sha256_hex(&std::fs::read(&out).expect("written")))
    };
    type Run<'a> = &'a dyn Fn(&str, &[&str]) -> Value;
    for (command, run) in [("vectors", &vectors as Run), ("suggest", &suggest), ("instant", &instant)] {
        let inner = run("painting.png", &[]);
        assert_eq!(run("framed.png", &[]), inner, "{command}");
        assert_ne!(run("framed.png", &["--frames", "keep"]), inner, "{command}");
        assert_eq!(run("painting.png", &["--frames", "keep"]), inner, "{command}");
    }
    refused(2, "keep", &["vectors", &file("framed.png"), "--frames", "off"]);
}

#[test]
fn instant_refuses_with_sentences() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().to_str().expect("utf-8");
    let out = folder.path().join("out.png");
    let picture = "tests/data/a_style.png";
    let refused = |code: i32, says: &str, style: &str, more: &[&str]| {
        let mut args = vec!["instant", "--content", "tests/data/a_content.png", "--style", style, "--device", "cpu"];
        args.extend(["--out", out.to_str().expect("utf-8")]);
        args.extend(more);
        refused(code, says, &args);
        assert!(!out.exists(), "{args:?} wrote a picture");
    };
    for bad in ["15", "4097", "-48", "48.5", "large"] {
        refused(2, "16 to 4096", picture, &["--size", bad]);
    }
    for bad in ["-0.1", "1.6", "strong"] {
        refused(2, "to 1.5", picture, &["--strength", bad]);
    }
    refused(2, "luminance", picture, &["--colour", "green"]);
    refused(2, "weight", "tests/data/a_style.png:-1", &[]);
    refused(2, "1 to 100", picture, &["--quality", "101"]);
    refused(3, "nowhere.png: No such file", "nowhere.png", &[]);
    refused(3, "manifest.json", picture, &["--weights", empty]);
    // The manifest is there, but what it lists is not.
    std::fs::copy(path("weights/manifest.json"), folder.path().join("manifest.json")).expect("copied");
    refused(3, ".bin", picture, &["--weights", empty]);
}

#[test]
fn vectors_prints_each_paintings_numbers_under_its_hash() {
    let paintings = ["tests/data/a_style.png", "tests/data/c_style.png"];
    let output = easel(&[&["vectors"], &paintings[..]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let vectors: Value = serde_json::from_slice(&output.stdout).expect("JSON on standard output");
    let vectors = vectors.as_object().expect("an object");
    assert_eq!(vectors.len(), 2);
    for painting in paintings {
        let hash = easel::sha256_hex(&std::fs::read(path(painting)).expect("a painting"));
        let vector = vectors[&hash].as_array().expect("a list");
        assert!(vector.len() == 100 && vector.iter().all(Value::is_f64), "{painting}: {vector:?}");
    }
    let empty = tempfile::tempdir().expect("a folder");
    refused(2, "<FILE>", &["vectors"]);
    refused(3, "nowhere.png: No such file", &["vectors", paintings[0], "nowhere.png"]);
    refused(3, "manifest.json", &["vectors", paintings[0], "--weights", empty.path().to_str().expect("utf-8")]);
}

#[test]
fn compare_ranks_a_picture_by_what_it_shares() {
    let compare = |image: &str| -> Value {
        let [content, style] = ["tests/data/a_content.png", "tests/data/a_style.png"];
        let output =
            easel(&["compare", "--content", content, "--style", style, "--image", image, "--device", "cpu", "--json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let [photo, painting, between] = ["content", "style", "x"].map(|name| compare(&format!("tests/data/a_{name}.png")));
    let number = |value: &Value, key: &str| value[key].as_f64().expect("a number");
    assert!(number(&photo, "content").abs() < 1e-6 && number(&painting, "style") < 0.05 * number(&photo, "style"));
    assert!(number(&between, "content") > 1e-3 && number(&between, "style") > number(&painting, "style"));
}

#[test]
fn losses_prints_every_term() {
    let output = easel(&[
        "losses",
        "--content",
        "tests/data/a_content.png",
        "--style",
        "tests/data/a_style.png",
        "--image",
        "tests/data/a_x.png",
        "--device",
        "cpu",
        "--preset",
        "classic",
        "--style-weight",
        "1e5",
        "--tv-weight",
        "0",
        "--json",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let losses: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    crate::common::assert_close("total", losses["total"].as_f64().expect("a number"), 93.569313, 1e-3);
    crate::common::assert_close("norm", losses["gradientNorm"].as_f64().expect("a number"), 18.0425491, 1e-3);
    crate::common::assert_close("relu5_1", losses["style"]["relu5_1"].as_f64().expect("a number"), 5.00047922, 1e-3);
}

#[test]
fn of_luminance_alone_the_photo_is_its_own_content() {
    let photo = "tests/data/a_content.png";
    let args = ["losses", "--content", photo, "--style", "tests/data/a_style.png", "--image", photo, "--device", "cpu"];
    let output = easel(&[&args[..], &["--preset", "sketch", "--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let losses: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(losses["content"], 0.0);
    assert!(losses["total"].as_f64().is_some_and(|total| total > 0.0));
}

#[test]
fn bad_input_is_a_sentence_and_a_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("utf-8").to_string()
    };
    let style = "tests/data/a_style.png";
    let good = "tests/data/a_content.png";
    let out = file("out.png", b"");
    let with = |content: &str, more: &[&str]| {
        let mut args = vec!["stylize", "--content", content, "--style", style, "--out", &out, "--device", "cpu"];
        args.extend(more);
        args.iter().map(|s| s.to_string()).collect::<Vec<_>>()
    };
    let check = |code: i32, says: &str, args: Vec<String>| {
        refused(code, says, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    check(3, "is empty", with(&file("empty.png", b""), &[]));
    check(3, "could not be read as a picture", with(&file("text.png", b"hello, this is text"), &[]));
    check(3, "No such file", with("nowhere.png", &[]));
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bomb.extend([0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    check(3, "20000 × 20000", with(&file("bomb.png", &bomb), &[]));
    check(2, "16 to 4096", with(good, &["--size", "3"]));
    refused(2, "2048x1365", &["bench", "--sides", "3x3"]);
    check(2, "Did you mean", with(good, &["--config", &file("c.json", br#"{"sizes": 64}"#)]));
    check(2, "could not be read", with(good, &["--config", &file("d.json", b"{")]));
    check(3, "manifest.json", with(good, &["--weights", folder.path().to_str().expect("utf-8")]));
    refused(2, "--content", &["stylize"]);
    // The cause is told only to whoever asks for it.
    for (more, told) in [(&[][..], false), (&["--verbose"], true)] {
        let args = with("nowhere.png", more);
        let output = easel(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.contains("\ncaused by: No such file"), told, "{said}");
    }
}
