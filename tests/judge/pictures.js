// Written by `make judge`: what there is to vote on.
globalThis.PICTURES = {
 "version": "64d75379",
 "pairs": [
  {
   "photo": "astronaut",
   "painting": "church-at-auvers",
   "looks": [
    "painterly",
    "bold",
    "gentle",
    "sketch",
    "photoreal",
    "texture",
    "strokes",
    "classic",
    "one-pass"
   ]
  },
  {
   "photo": "coffee",
   "painting": "great-wave",
   "looks": [
    "painterly",
    "bold",
    "gentle",
    "sketch",
    "photoreal",
    "texture",
    "strokes",
    "classic",
    "one-pass"
   ]
  },
  {
   "photo": "chelsea",
   "painting": "composition-viii",
   "looks": [
    "painterly",
    "bold",
    "gentle",
    "sketch",
    "photoreal",
    "texture",
    "strokes",
    "classic",
    "one-pass"
   ]
  },
  {
   "photo": "rocket",
   "painting": "langlois-bridge",
   "looks": [
    "painterly",
    "bold",
    "gentle",
    "sketch",
    "photoreal",
    "texture",
    "strokes",
    "classic",
    "one-pass"
   ]
  }
 ]
};
