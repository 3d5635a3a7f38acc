//! `easel batch` where an earlier one was killed: what that left is made good, or goes on.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::batch::{STYLE, contents, count, easel, lines, with_photos};

/// A process that was killed may have left a state of other settings, in the same place.
#[test]
fn a_batch_that_goes_on_with_other_settings_paints_with_those() {
    use easel::{Compute, Picture, Pictures, Style, StyleConfig, Stylizer, Weights};
    let folder = with_photos(1);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let paint = |out: &str, share: &str, weight: &str| {
        let mut args = vec!["batch", "--device", "cpu", "--size", "24", "--iterations", "3", "--init", "content"];
        let styles = [format!("{STYLE}:{share}"), "tests/data/a_style.png".to_string()];
        args.extend(["--preset", "classic", "--style", &styles[0], "--style", &styles[1], "--style-weight", weight]);
        let (content, out) = (path("in"), path(out));
        args.extend(["--content", &content, "--out", &out]);
        let output = crate::common::easel(&args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(Path::new(&out).join("photo-00.png")).expect("a picture")
    };
    let wanted = paint("alone", "3", "50");
    let recipe = |picture: &[u8]| -> Value {
        serde_json::from_str(&easel::extract(picture).expect("its recipe")).expect("JSON")
    };
    let old = recipe(&paint("old", "0.1", "1"));
    // The state of that run after two steps, as it is kept.
    let decode =
        |path: &str| Picture::decode(path, &fs::read(crate::common::path(path)).expect("there")).expect("read");
    let styles = vec![Style::new(decode(STYLE), 0.1), Style::new(decode("tests/data/a_style.png"), 1.0)];
    let pictures = Pictures { content: decode(&path("in/photo-00.png")), styles, init: None };
    let config = StyleConfig::from_json(&old["config"].to_string()).expect("settings");
    let weights = Weights::read(&crate::common::path("weights")).expect("weights");
    let mut run = Stylizer::new(&Compute::cpu(), &weights, pictures, config).expect("a run");
    let state = pollster::block_on(async {
        run.step().await.expect("a step");
        run.step().await.expect("a step");
        run.checkpoint().await.expect("a state").expect("a state")
    });
    fs::create_dir(path("out")).expect("made");
    let kept = [old["made"].as_str().expect("a digest").as_bytes(), &state].concat();
    for state in [&state, &kept] {
        fs::write(path("out/.photo-00.png.state"), state).expect("written");
        assert!(paint("out", "3", "50") == wanted, "the settings asked for");
        fs::remove_file(path("out/photo-00.png")).expect("removed");
        assert_eq!(contents(&folder.path().join("out")).len(), 0, "no state is left");
    }
}

#[test]
fn what_is_damaged_or_left_behind_is_made_good() {
    let folder = with_photos(3);
    let path = |name: &str| folder.path().join(name).to_str().expect("utf-8").to_string();
    let paint = |format: &str, more: &[&str]| {
        let args = ["--instant", "--size", "32", "--content", &path("in"), "--out", &path(format), "--format", format];
        let output = easel(&args).args(more).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        lines(&output)
    };
    for (format, more) in [("png", &[][..]), ("jpg", &[]), ("webp", &[]), ("png", &["--sequence"])] {
        paint(format, more);
        let painted = contents(&folder.path().join(format));
        let second = path(&format!("{format}/photo-01.{format}"));
        let bytes = fs::read(&second).expect("a picture");
        fs::write(&second, &bytes[..bytes.len() - 20]).expect("cut");
        // Of processes that were killed when they wrote a state, and before they removed one.
        for name in [".photo-00.0123456789abcdef.part", &format!(".photo-02.{format}.state")] {
            fs::write(folder.path().join(format).join(name), "x").expect("written");
        }
        let again = paint(format, more);
        assert_eq!([count(&again, "painted"), count(&again, "skipped")], [1, 2], "{format} {more:?}");
        assert!(contents(&folder.path().join(format)) == painted, "{format} {more:?}");
    }
}

/// The longest names there are leave no room for those of what is beside them.
#[test]
fn photos_may_have_long_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let photo = folder.path().join("n".repeat(246) + ".png");
    fs::copy("tests/data/c_content.png", &photo).expect("copied");
    let out = folder.path().join("out");
    let args = ["--instant", "--size", "32", "--content", photo.to_str().expect("utf-8"), "--out"];
    let output = easel(&args).arg(&out).output().expect("it runs");
    assert_eq!(count(&lines(&output), "painted"), 1, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(contents(&out).len(), 1);
}
