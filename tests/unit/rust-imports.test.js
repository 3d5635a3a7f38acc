// The check for import cycles finds those that are there, and only those.
import assert from "node:assert/strict";
import { test } from "node:test";

import { check, codeOf } from "./rust-imports.js";

/** The circles in a tree of sources, as strings like "a.rs b.rs". */
function found(files) {
  const { files: inFiles, rooms } = check(new Map(Object.entries(files)));
  const words = (circles) => circles.map((circle) => circle.map(({ from }) => from).join(" "));
  return { files: words(inFiles), rooms: words(rooms) };
}

const NONE = { files: [], rooms: [] };

test("two files that use each other, by every way to name something", () => {
  const ways = {
    "lib.rs": "mod a; mod b; mod c; mod d;",
    "a.rs": "use crate::{b::{self, Y as Z}, c::W}; pub struct X;",
    "b.rs": "pub struct Y; fn f() -> crate::a::X { todo!() }",
    "c.rs": "use super::d; pub struct W; fn f() { d::g(); }",
    "d.rs": "pub fn g() { let _ = super::c::W; }",
  };
  assert.deepEqual(found(ways), { files: ["a.rs b.rs", "c.rs d.rs"], rooms: ["a b", "c d"] });
});

test("a longer circle is shown whole, and once", () => {
  const files = {
    "lib.rs": "mod a; mod b; mod c;",
    "a.rs": "use crate::b::B; pub struct A;",
    "b.rs": "use crate::c::C; pub struct B;",
    "c.rs": "use crate::a::A; pub struct C;",
  };
  assert.deepEqual(found(files), { files: ["a.rs b.rs c.rs"], rooms: ["a b c"] });
});

test("a folder's mod.rs may list its files, and they may use what it defines or brings in", () => {
  const files = {
    "lib.rs": "mod error; mod room; pub use room::{One, Two};",
    "error.rs": "pub struct Error;",
    "room/mod.rs": "mod one; mod two; use crate::error::Error; pub use one::{One, read}; pub(crate) use two::*; pub struct Shared(Error); fn f(s: Shared) { s.read() }",
    "room/one.rs": "use super::{Error, Shared}; use crate::room::Two; pub struct One; pub fn read() {}",
    "room/two.rs": "pub struct Two(super::Shared);",
  };
  assert.deepEqual(found(files), NONE);
});

test("… but once mod.rs uses what such a file defines, re-exported or not, it is a circle", () => {
  const files = {
    "lib.rs": "mod room;",
    "room/mod.rs": "mod one; mod two; pub use one::One; pub struct Shared; fn f() -> One { two::make() }",
    "room/one.rs": "use super::Shared; pub struct One;",
    "room/two.rs": "pub fn make(_: super::Shared) {}",
  };
  assert.deepEqual(found(files), { files: ["room/mod.rs room/one.rs", "room/two.rs room/mod.rs"], rooms: [] });
});

test("a name leads to the file that defines it, through re-exports", () => {
  const files = {
    "lib.rs": "mod left; mod right; pub use left::Low;",
    "left/mod.rs": "mod high; mod low; pub use self::{high::High, low::Low};",
    "left/high.rs": "use crate::right::R; pub struct High;",
    "left/low.rs": "pub struct Low;",
    "right.rs": "use crate::Low; pub struct R;",
  };
  // The rooms use each other, although no file uses itself in the end.
  assert.deepEqual(found(files), { files: [], rooms: ["left right"] });
});

test("everything that can be reached by a star counts", () => {
  const files = {
    "lib.rs": "mod a; mod b;",
    "a/mod.rs": "mod inner; pub use inner::Inner;",
    "a/inner.rs": "use crate::b::B; pub struct Inner;",
    "b.rs": "use crate::a::*; pub struct B(Inner);",
  };
  assert.deepEqual(found(files), { files: ["a/inner.rs b.rs"], rooms: ["a b"] });
});

test("what is made by a macro is where its file is; modules within a file belong to it", () => {
  const files = {
    "lib.rs": "mod a; mod b;",
    "a.rs": "choice! { Colour { Red } } mod inner { use super::super::b::B; }",
    "b.rs": "use crate::a::Colour; pub struct B;",
  };
  assert.deepEqual(found(files), { files: ["a.rs b.rs"], rooms: ["a b"] });
});

test("tests, comments, strings and lifetimes are no dependencies", () => {
  const files = {
    "lib.rs": "mod a; mod b;",
    "a.rs": `pub struct A<'a>(&'a str);
      //! [\`crate::b::B\`] it's
      /* use crate::b::B; */
      const S: &str = "use \\" crate::b::B;"; const R: &str = r#"" crate::b::B;"#; const C: char = '"'; const D: char = '\\'';
      #[cfg(test)]
      mod tests { use crate::b::B; fn f() { { } } }
      #[cfg(test)]
      use crate::b::B;`,
    "b.rs": "use crate::a::A; pub struct B;",
  };
  assert.deepEqual(found(files), NONE);
  assert.equal(codeOf(files["a.rs"]).split("\n").length, files["a.rs"].split("\n").length);
});

test("other crates are left alone, also where their names are like ours", () => {
  const files = {
    "lib.rs": "mod image; mod b;",
    "image.rs": "use crate::b::B; pub struct Picture;",
    "b.rs": "use image::RgbImage; use std::{fmt, io::{self, Read}}; use burn::burn; pub struct B; fn f() { burn::g() }",
    "bin/tool/main.rs": "mod args; mod run; use args::Args;",
    "bin/tool/args.rs": "use easel::Picture; pub struct Args;",
    "bin/tool/run.rs": "use crate::args::Args;",
  };
  assert.deepEqual(found(files), NONE);
});

test("a program's own files are looked at too", () => {
  const files = {
    "lib.rs": "",
    "bin/tool/main.rs": "mod args; mod run; fn main() { run::run(); }",
    "bin/tool/args.rs": "use crate::run::run;",
    "bin/tool/run.rs": "use super::args::Args; pub fn run() {}",
  };
  assert.deepEqual(found(files), { files: ["bin/tool/args.rs bin/tool/run.rs"], rooms: [] });
});

test("a module without a file is an error, not a clean result", () => {
  assert.throws(() => check(new Map([["lib.rs", "mod gone;"]])), /lib\.rs: no file for `mod gone;`/);
  assert.throws(() => check(new Map([["other.rs", ""]])), /no lib\.rs or main\.rs to begin with/);
});
