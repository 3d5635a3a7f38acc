// The sample paintings' files, by their SHA-256: under it the engine's list of vectors knows them without the files being there.

export const hashes = {
  "style-cafe-terrace.jpg": "340b096a73d93aa194e250668c5bf55113ea89ac515f341525de9fa5d30d64ec",
  "style-great-wave.jpg": "63025bd69e501af66aa396fa7fbc26b2ee18f1bcef6c93067bb95a167c26cd9f",
  "style-composition-viii.jpg": "adb541c3b87730475d82c7f6438f692dceb8c0b18e5a8bfd7f09067dfcb35545",
  "style-moulin-de-la-galette.jpg": "6f2efeeb53f3224c8f959f628da9512622597e92fd11a4246451e78233a1ccc7",
  "style-poppies.jpg": "854bced0e8ed74fb7d5e99990bdd557bffe9bf73c6c229f63667f6cb2f6a8612",
  "style-church-at-auvers.jpg": "6322e5123b4fccc45bba81fbbfd7cc248e2b35009f2656fc059b9083fd31c8ef",
  "style-inokashira-snow.jpg": "319602ca8d9e10c7f3b5e81eff0cf23df2eef38c0c6e8d7610403769d454f707",
  "style-summertime.jpg": "245563a27504fe4a7c6ec883cc2a40a59daee7f0d07aa2142bb1f19e561b7328",
  "style-night-cafe.jpg": "cb1b327ea8ddd266baaaecb5eb3bd8f8fb2488a548b8b852d13e19bbd61c4888",
  "style-langlois-bridge.jpg": "ed554285020827f9d902cda4bfd6fa14772e0432e1c5cfdc51fae02b49f91fc1",
};
