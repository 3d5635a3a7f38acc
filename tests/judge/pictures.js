// Written by `make judge`: what there is to vote on.
globalThis.PICTURES = {
 "version": "cf09745d",
 "pairs": [
  {
   "photo": "chelsea",
   "painting": "cafe-terrace",
   "looks": [
    "painterly",
    "bold",
    "strokes",
    "classic",
    "gentle",
    "photoreal",
    "one-pass"
   ]
  },
  {
   "photo": "astronaut",
   "painting": "church-at-auvers",
   "looks": [
    "painterly",
    "bold",
    "strokes",
    "classic",
    "gentle",
    "photoreal",
    "one-pass"
   ]
  }
 ]
};
